from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models import text_cache
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.text_cache import TextCache


class CountingEncoder(FakeEncoder):
    """Remembers what it had to encode."""

    def __init__(self, *, dim: int = 32) -> None:
        super().__init__(dim=dim)
        self.encoded: list[str] = []

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.encoded.extend(texts)
        return super().encode_texts(texts)


def test_text_is_encoded_once_whatever_process_asks(tmp_path: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    expected = TextCache(tmp_path).encode(first, ["red", "blue"])
    np.testing.assert_array_equal(TextCache(tmp_path).encode(second, ["red", "blue"]), expected)
    assert second.encoded == []


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    TextCache(tmp_path).encode(encoder, ["red", "blue"])
    rows = TextCache(tmp_path).encode(encoder, ["green", "red", "green"])
    assert encoder.encoded == ["blue", "red", "green"]
    np.testing.assert_array_equal(rows, FakeEncoder().encode_texts(["green", "red", "green"]))


def test_models_do_not_share_embeddings(tmp_path: Path) -> None:
    cache = TextCache(tmp_path)
    cache.encode(CountingEncoder(dim=32), ["red"])
    assert cache.encode(CountingEncoder(dim=16), ["red"]).shape == (1, 16)


def test_no_texts_give_no_rows_and_no_file(tmp_path: Path) -> None:
    assert TextCache(tmp_path).encode(FakeEncoder(), []).shape == (0, 32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"not a zip file"])
def test_damaged_file_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    cache = TextCache(tmp_path)
    path = cache.path(FakeEncoder().info)
    path.write_bytes(damage)
    cache.encode(FakeEncoder(), ["red"])
    again = CountingEncoder()
    cache.encode(again, ["red"])
    assert again.encoded == []


def test_file_of_other_dimensions_is_not_used(tmp_path: Path) -> None:
    cache = TextCache(tmp_path)
    path = cache.path(FakeEncoder().info)
    texts = np.frombuffer(b'["red"]', np.uint8)
    np.savez(path, texts=texts, embeddings=np.zeros((1, 5), np.float32))
    assert cache.encode(FakeEncoder(), ["red"]).shape == (1, 32)


def test_folder_that_cannot_be_written_is_only_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        rows = TextCache(blocked).encode(FakeEncoder(), ["red"])
    assert rows.shape == (1, 32)
    assert "cannot keep text embeddings" in caplog.text


@given(st.lists(st.text(), unique=True, min_size=1, max_size=5))
def test_any_text_is_found_again(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        TextCache(Path(folder)).encode(FakeEncoder(), texts)
        again = CountingEncoder()
        TextCache(Path(folder)).encode(again, texts)
        assert again.encoded == []


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    cache = TextCache(tmp_path)
    cache.encode(FakeEncoder(), ["red"])
    assert list(tmp_path.iterdir()) == [cache.path(FakeEncoder().info)]


def test_oldest_texts_are_forgotten_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_cache, "MAX_TEXTS", 2)
    encoder = CountingEncoder()
    for texts in (["a"], ["b"], ["c"], ["b", "c"], ["a"]):
        TextCache(tmp_path).encode(encoder, texts)
    assert encoder.encoded == ["a", "b", "c", "a"]
