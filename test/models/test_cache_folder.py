from __future__ import annotations

from pathlib import Path

import pytest

from scene_clip_ros.models.cache_folder import default_cache_folder


def test_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENE_CLIP_CACHE", "/somewhere/else")
    assert default_cache_folder() == Path("/somewhere/else")
    monkeypatch.delenv("SCENE_CLIP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert default_cache_folder() == Path("/caches/scene_clip_ros")
