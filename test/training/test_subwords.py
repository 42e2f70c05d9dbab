"""Byte-pair merges that open_clip's tokenizer reads."""

from __future__ import annotations

from pathlib import Path

import open_clip
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.training.subwords import learn_merges, write_merges

words = st.text("abcde", min_size=1, max_size=8)


def tokenizer(merges: list[tuple[str, str]], folder: Path) -> open_clip.SimpleTokenizer:
    write_merges(merges, folder / "merges.txt.gz")
    return open_clip.SimpleTokenizer(bpe_path=str(folder / "merges.txt.gz"))


def test_the_most_frequent_pair_is_joined_first() -> None:
    assert learn_merges({"cab": 5, "cat": 4, "dog": 3}, 1) == [("c", "a")]


def test_a_word_that_was_learnt_is_one_token(tmp_path: Path) -> None:
    read = tokenizer(learn_merges({"road": 9, "roads": 2, "car": 4}, 50), tmp_path)
    assert len(read.encode("road")) == 1
    assert len(read.encode("car road")) == 2


def test_an_unknown_word_is_spelled_and_read_back(tmp_path: Path) -> None:
    read = tokenizer(learn_merges({"road": 9}, 50), tmp_path)
    assert read.decode(read.encode("tunnel")).strip() == "tunnel"


def test_merging_ends_when_the_words_are_exhausted() -> None:
    assert len(learn_merges({"ab": 1, "cd": 1}, 50)) == 2


@given(st.dictionaries(words, st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 30))
def test_every_merge_builds_on_earlier_ones(lexicon: dict[str, int], count: int) -> None:
    known = {c for word in lexicon for c in word} | {f"{word[-1]}</w>" for word in lexicon}
    merges = learn_merges(lexicon, count)
    assert len(merges) <= count
    for left, right in merges:
        assert {left, right} <= known
        known.add(left + right)
