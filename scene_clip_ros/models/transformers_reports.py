"""Keeps ``transformers`` from writing to the terminal while it loads a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as logs


@contextmanager
def no_reports() -> Iterator[None]:
    """Hold back progress bars and reports: what matters becomes an error."""
    verbosity = logs.get_verbosity()
    had_bars = logs.is_progress_bar_enabled()
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(verbosity)
        if had_bars:
            logs.enable_progress_bar()
