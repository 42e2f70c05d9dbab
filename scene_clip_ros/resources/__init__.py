"""Files that are shipped with the package."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).parent

DRIVING_VOCABULARY = _ROOT / "vocabulary" / "driving.yaml"
"""The vocabulary that holds unless a user names another."""
