"""What may be done with a frame: the functions that are switched and limited one by one."""

from __future__ import annotations

from typing import Literal

Function = Literal["labels", "embedding", "boxes", "memory"]
"""Deciding labels and hazards; embedding frames for others' use; finding objects; embedding frames
to be kept and searched."""

FUNCTIONS: tuple[Function, ...] = ("labels", "embedding", "boxes", "memory")

Functions = frozenset[Function]

EVERY_FUNCTION: Functions = frozenset(FUNCTIONS)

LABELS: Functions = frozenset({"labels"})
BOXES: Functions = frozenset({"boxes"})

NEED_EMBEDDING: Functions = frozenset({"labels", "embedding", "memory"})
"""Those for which a whole frame is embedded."""
