from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scene_clip_ros
from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.vocabulary import (
    AttributeSpec,
    HazardSpec,
    LabelSpec,
    QuerySpec,
    Vocabulary,
    load_vocabulary,
    parse_vocabulary,
)

DRIVING = Path(scene_clip_ros.__file__).parent / "resources" / "vocabulary" / "driving.yaml"

NEGATIONS = {"no", "not", "without", "never", "nobody", "nothing", "none"}

WEATHER = """
attributes:
  weather:
    labels:
      clear: a blue sky
      rain: [rain on the road, a wet windshield]
"""


def words() -> st.SearchStrategy[str]:
    """Names and phrasings that YAML would gladly take for something else, among others."""
    tricky = st.sampled_from(["no", "on", "1.0", "null", "~", "2024-01-01", "a: b", "- x", "# c"])
    characters = st.characters(categories=("L", "N", "P", "S"), exclude_characters="{}")
    free = st.text(characters, min_size=1, max_size=8)
    return st.lists(tricky | free, min_size=1, max_size=3).map(" ".join)


def word_lists(min_size: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(words(), min_size=min_size, max_size=4, unique=True).map(tuple)


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    def attribute(name: str) -> AttributeSpec:
        labels = draw(word_lists(2).filter(lambda names: "unknown" not in names))
        return AttributeSpec(name, tuple(LabelSpec(label, (f"of {label}",)) for label in labels))

    def hazard(name: str) -> HazardSpec:
        texts = draw(word_lists(2))
        return HazardSpec(name, texts[:1], texts[1:], templates=("seen: {}",))

    def queries(names: tuple[str, ...]) -> tuple[QuerySpec, ...]:
        kinds = draw(st.integers(0, max(0, len(names) - 1)))
        return tuple(
            QuerySpec(name, draw(word_lists()), is_a=names[0] if 0 < index <= kinds else "")
            for index, name in enumerate(names)
        )

    return Vocabulary(
        attributes=tuple(attribute(name) for name in draw(word_lists())),
        hazards=tuple(hazard(name) for name in draw(word_lists(0))),
        queries=queries(draw(word_lists(0))),
        background=draw(word_lists(0)),
        templates=tuple(f"{{}} {text}" for text in draw(word_lists())),
    )


@given(vocabularies())
def test_yaml_of_a_vocabulary_parses_to_an_equal_one(vocabulary: Vocabulary) -> None:
    assert parse_vocabulary(vocabulary.to_yaml(), source="test") == vocabulary


def test_driving_vocabulary_has_the_labels_that_scripts_rely_on() -> None:
    vocabulary = load_vocabulary(DRIVING)
    assert {spec.name: spec.label_names for spec in vocabulary.attributes} == {
        "weather": ("clear", "overcast", "rain", "snow", "fog"),
        "time_of_day": ("day", "dusk", "night"),
        "road": ("highway", "city street", "residential", "tunnel", "parking lot"),
        "surface": ("dry", "wet", "snowy"),
    }
    hazards = [spec.name for spec in vocabulary.hazards]
    assert hazards == ["person_on_road", "animal_on_road", "debris_on_road", "road_works"]


def test_driving_vocabulary_has_several_affirmative_phrasings_everywhere() -> None:
    vocabulary = load_vocabulary(DRIVING)
    groups = [label.phrasings for spec in vocabulary.attributes for label in spec.labels]
    groups += [texts for spec in vocabulary.hazards for texts in (spec.phrasings, spec.contrasts)]
    assert all(4 <= len(group) <= 8 for group in groups)
    used = {word for group in groups for text in group for word in text.lower().split()}
    assert not used & NEGATIONS


def test_label_without_phrasings_is_its_own_phrasing() -> None:
    text = "attributes: {light: {labels: {day: , night: }}}"
    assert parse_vocabulary(text, source="t").attributes[0].labels[0] == LabelSpec("day", ("day",))


def test_labels_may_be_a_plain_list() -> None:
    text = "attributes: {light: {labels: [day, night]}}"
    assert parse_vocabulary(text, source="t").attributes[0].label_names == ("day", "night")


def test_words_that_yaml_takes_for_booleans_stay_words() -> None:
    text = "attributes: {rain: {labels: {yes: [on], no: [off]}}}"
    labels = parse_vocabulary(text, source="t").attributes[0].labels
    assert labels == (LabelSpec("yes", ("on",)), LabelSpec("no", ("off",)))


def test_a_query_may_be_a_kind_of_another() -> None:
    text = "queries: {person: [a person], child: {is_a: person}, dog: a dog}"
    assert parse_vocabulary(text, source="t").queries == (
        QuerySpec("person", ("a person",)),
        QuerySpec("child", ("child",), is_a="person"),
        QuerySpec("dog", ("a dog",)),
    )


def test_kinds_of_a_query_count_as_it() -> None:
    vocabulary = parse_vocabulary(
        "queries: {person: [a person], worker: {is_a: person}, car: [a car]}", source="test"
    )
    assert vocabulary.with_kinds(("rider", "person")) == ("rider", "person", "worker")
    assert vocabulary.with_kinds(("worker", "person")) == ("worker", "person")
    assert vocabulary.with_kinds(("car",)) == ("car",)
    assert vocabulary.with_kinds(()) == ()


@pytest.mark.parametrize(
    ("names", "asked"), [(("child", "person"), True), (("child",), False), ((), False)]
)
def test_a_vocabulary_knows_whether_it_asks_for_anyone(
    names: tuple[str, ...], *, asked: bool
) -> None:
    vocabulary = parse_vocabulary("queries: {person: [a person]}", source="test")
    assert vocabulary.asks_for_any(names) is asked


def test_hazard_without_contrasts_is_compared_with_the_background() -> None:
    text = "background: [an empty road]\nhazards: {deer: {phrasings: [a deer]}}"
    vocabulary = parse_vocabulary(text, source="t")
    assert vocabulary.contrasts_of(vocabulary.hazards[0]) == ("an empty road",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "f.yaml: expected YAML with entries, got an empty document", id="empty"),
        pytest.param("a: [", "f.yaml:1: expected YAML, got", id="not YAML"),
        pytest.param("- a", "f.yaml:1: expected a mapping, got a list", id="list"),
        pytest.param(
            "atributes: {}",
            "f.yaml:1: atributes: expected one of the keys templates, background, attributes, "
            "hazards, queries, got 'atributes'",
            id="key misspelt",
        ),
        pytest.param(
            "queries: {a: }\nqueries: {b: }",
            "f.yaml:2: queries: expected each key once, got it twice",
            id="key twice",
        ),
        pytest.param(
            WEATHER + "      fog: {thick: yes}",
            "f.yaml:7: attributes.weather.labels.fog: expected a text, got a mapping",
            id="phrasing is a mapping",
        ),
        pytest.param(
            WEATHER + "      fog: [a, [b]]",
            "f.yaml:7: attributes.weather.labels.fog[1]: expected a text, got a list",
            id="phrasing is a list",
        ),
        pytest.param(
            WEATHER + "      fog: []",
            "f.yaml:7: attributes.weather.labels.fog: expected one or more phrasings, got none",
            id="no phrasing",
        ),
        pytest.param(
            WEATHER + "      unknown: fog",
            "f.yaml:7: attributes.weather.labels.unknown: expected a label other than 'unknown'",
            id="reserved label",
        ),
        pytest.param(
            WEATHER + "      sunny: a blue sky",
            "f.yaml:4: attributes.weather: expected each phrasing once, got 'a blue sky' twice",
            id="phrasing of two labels",
        ),
        pytest.param(
            "attributes:\n  light:\n    labels: [day]",
            "f.yaml:3: attributes.light: expected two or more labels, got 1",
            id="one label",
        ),
        pytest.param(
            "attributes:\n  light: {templates: ['{}']}",
            "f.yaml:2: attributes.light: expected the key labels, got none",
            id="no labels",
        ),
        pytest.param(
            "hazards:\n  deer: {phrasings: [a deer]}",
            "f.yaml:1: hazards.deer: expected contrasts or a background, got neither",
            id="no contrast",
        ),
        pytest.param(
            "queries: {a: {is_a: b}}",
            "f.yaml:1: queries.a.is_a: expected a query that is no kind of another, one of [], "
            "got 'b'",
            id="kind of nothing",
        ),
        pytest.param(
            "queries: {a: , b: {is_a: a}, c: {is_a: b}}",
            "f.yaml:1: queries.c.is_a: expected a query that is no kind of another, one of ['a'], "
            "got 'b'",
            id="kind of a kind",
        ),
        pytest.param(
            "queries: {a: {is_a: a}}",
            "f.yaml:1: queries.a: is_a: expected another query than 'a' itself",
            id="kind of itself",
        ),
        pytest.param(
            "templates: [a photo]\nqueries: {car: }",
            "f.yaml:1: expected templates with one {}, got 'a photo'",
            id="template without a place",
        ),
        pytest.param(
            "templates: ['{} on {}']\nqueries: {car: }",
            "f.yaml:1: expected templates with one {}, got '{} on {}'",
            id="template with two places",
        ),
        pytest.param(
            "background: [a road]",
            "f.yaml:1: expected attributes, hazards or queries, got none",
            id="nothing to look for",
        ),
    ],
)
def test_error_is_one_line_that_says_where_and_what(text: str, message: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(text, source="f.yaml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_text_that_looks_for_nothing_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(text, source="t")
    assert len(str(caught.value).splitlines()) == 1


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"gone\.yaml: expected a readable vocabulary file"):
        load_vocabulary(tmp_path / "gone.yaml")


def test_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(VocabularyError, match="got byte 0xff at 0, which is no UTF-8"):
        load_vocabulary(path)


def numbered(count: int) -> list[str]:
    return [f"thing {number}" for number in range(count)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"queries: {{{'x' * 201}: dog}}", "expected a name of at most 200 characters, got 201"),
        (f"queries: {{dog: {'x' * 1001}}}", "a phrasing of at most 1000 characters, got 1001"),
        (f"templates: ['{{}} {'x' * 999}']\nqueries: {{dog: }}", "a template of at most 1000"),
        (
            f"templates: ['a {{}}', 'the {{}}']\nqueries: {{dog: {numbered(5001)}}}",
            "expected at most 10000 phrasings times templates, got 10002",
        ),
        (f"background: {numbered(10_001)}\nqueries: {{dog: }}", "expected at most 100000 char"),
        ("[" * 50_000, "nested too deeply"),
        ("{a: " * 5000 + "}" * 5000, "nested too deeply"),
        ("&x {attributes: *x}", "expected YAML text, got an alias, which is not allowed"),
        (
            "background: [&b [x]]\nqueries: {dog: *b}",
            "expected YAML text, got an alias, which is not allowed",
        ),
        (
            f"background: {numbered(4000)}\nhazards: "
            "{a: {phrasings: [x]}, b: {phrasings: [x]}, c: {phrasings: [x]}}",
            "at most 10000 phrasings times templates, got 16003",
        ),
        (
            f"templates: {[f'{number} {{}}' for number in range(201)]}\nqueries: {{dog: }}",
            "expected at most 200 templates, got 201",
        ),
        ("!!python/object/apply:os.system [reboot]", "expected a mapping, got a list"),
    ],
    ids=[
        "name",
        "phrasing",
        "template",
        "prompts",
        "length",
        "lists",
        "maps",
        "cycle",
        "alias",
        "contrasts",
        "templates",
        "code",
    ],
)
def test_a_vocabulary_that_means_harm_is_refused_in_a_short_line(text: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message) as caught:
        parse_vocabulary(text, source="request")
    assert len(str(caught.value)) < 1200


def test_as_many_prompts_as_are_allowed_are_parsed() -> None:
    vocabulary = Vocabulary(queries=(QuerySpec("dog", tuple(numbered(10_000))),))
    assert len(vocabulary.queries[0].phrasings) == 10_000


@pytest.mark.parametrize("path", ["/dev/zero", "/"], ids=["device without end", "folder"])
def test_what_is_no_file_is_not_read(path: str) -> None:
    with pytest.raises(VocabularyError, match="readable vocabulary file, got a folder or device"):
        load_vocabulary(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(VocabularyError, match="got a folder or device"):
        load_vocabulary(tmp_path / "pipe.yaml")


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(VocabularyError, match="got more than 400000 bytes"):
        load_vocabulary(path)
