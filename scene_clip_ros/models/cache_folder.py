"""Where embeddings of texts and compiled networks are kept."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "SCENE_CLIP_CACHE"


def default_cache_folder() -> Path:
    """Return ``$SCENE_CLIP_CACHE``, or ``scene_clip_ros`` in the user's cache folder."""
    if override := os.environ.get(CACHE_VARIABLE):
        return Path(override).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "scene_clip_ros"
