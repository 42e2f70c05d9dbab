"""Files that are shipped with the package."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).parent

DRIVING_VOCABULARY = _ROOT / "vocabulary" / "driving.yaml"
"""The vocabulary that holds unless a user names another."""

REPORT_TEMPLATES = _ROOT / "report"
"""Folder with the page of ``scene-clip report``."""

MONITOR_PAGE = _ROOT / "monitor"
"""Folder with the files of the live page."""
