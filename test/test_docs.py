"""The documents say what holds: their links lead somewhere, their files load."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from scene_clip_ros.cli.config import load_parameters
from scene_clip_ros.cli.main import build_parser
from scene_clip_ros.core.odd import parse_odd
from scene_clip_ros.core.vocabulary import load_vocabulary, parse_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "QUALITY_DECLARATION.md", *(ROOT / "docs").glob("*.md")]
)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


def read_commands(document: Path) -> Iterator[str]:
    """Yield the calls of scene-clip in indented blocks, continued lines joined."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.startswith("    scene-clip "):
            yield line.split(" > ")[0].split("#")[0].strip()


def read_yaml(name: str) -> str:
    """Return the first YAML block of a document."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return text.split("```yaml\n")[1].split("```")[0]


def name_anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as they are made on the web."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        path = document.parent / target if target else document
        assert path.exists(), f"expected {target} to exist"
        assert not anchor or anchor in name_anchors(path), f"expected {anchor} in {path.name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_parse(document: Path) -> None:
    for command in read_commands(document):
        assert build_parser().parse_args(shlex.split(command)[1:])


def test_the_vocabulary_of_the_document_loads() -> None:
    vocabulary = parse_vocabulary(read_yaml("vocabulary.md"), source="docs/vocabulary.md")
    assert [spec.name for spec in vocabulary.attributes] == ["weather", "ground"]


def test_the_parameter_file_of_the_document_loads(tmp_path: Path) -> None:
    path = tmp_path / "my.param.yaml"
    path.write_text(read_yaml("getting-started.md"), encoding="utf-8")
    assert load_parameters(path).cameras == ("front", "rear")


@pytest.mark.parametrize("name", ["scene_clip.param.yaml"])
def test_the_shipped_parameter_file_loads(name: str) -> None:
    assert load_parameters(ROOT / "config" / name).model == "embedded"


@pytest.mark.parametrize(
    "text",
    [read_yaml("odd.md"), (ROOT / "config" / "odd.yaml").read_text(encoding="utf-8")],
    ids=["odd.md", "odd.yaml"],
)
def test_domains_are_stated_in_words_of_the_shipped_vocabulary(text: str) -> None:
    parse_odd(text, source="example").check(load_vocabulary(DRIVING_VOCABULARY))


def test_each_row_about_faults_is_a_test_and_each_test_has_a_row() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"\| `(test_\w+\.py::test_\w+)` \|$", text, flags=re.MULTILINE))
    tests = {
        f"{path.name}::{name}"
        for path in (ROOT / "test" / "nodes" / "faults").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert rows == tests
