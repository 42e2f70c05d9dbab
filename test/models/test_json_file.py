"""Configurations of models whose author is not trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.json_file import MAX_BYTES, read_object


def test_an_object_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"vision": {"layers": [3, 4, 6, 3], "width": 64}}')

    assert read_object(path) == {"vision": {"layers": [3, 4, 6, 3], "width": 64}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "expected JSON"),
        ("[1]", "expected an object, got list"),
        ("[" * 100_000, "expected JSON"),
        ('{"text": {"width": 1000000000}}', "width: expected at most 1000000, got 1000000000"),
        ('{"vision": {"layers": [3, 2000]}}', "layers: expected at most 1000, got 2000"),
        ('{"num_hidden_layers": 100000}', "num_hidden_layers: expected at most 1000"),
        ('{"mlp_ratio": 1e9}', "mlp_ratio: expected at most 1000000, got 1000000000.0"),
        ('{"depth": 5000}', "depth: expected at most 1000, got 5000"),
        (json.dumps({"note": "x" * MAX_BYTES}), "expected at most 1048576 bytes, got more"),
    ],
    ids=["cut", "list", "deep", "wide", "layers", "hidden layers", "float", "depth", "large"],
)
def test_what_no_network_has_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)

    with pytest.raises(ModelError) as refusal:
        read_object(path)

    assert problem in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.json: expected a configuration, got No such"):
        read_object(tmp_path / "none.json")
