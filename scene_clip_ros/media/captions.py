"""Files of captions: texts alone, or texts with the names of the pictures that they are of."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.caption_entries import (
    caption_texts,
    csv_entries,
    json_entries,
    one_line,
    text_list,
)

CAPTION_SUFFIXES = (".txt", ".csv", ".json", ".jsonl")
"""Endings of files that `read_captions` reads."""

MAX_CAPTION_BYTES = 64 << 20
"""Largest file that is read."""


@dataclass(frozen=True, slots=True)
class Captions:
    """Texts, and of which pictures they are.

    Attributes:
        texts: Each once, in the order of the file; at least one.
        image_names: Of each text, the names of its pictures without folders; empty sets if the
            file does not tell.
    """

    texts: tuple[str, ...]
    image_names: tuple[frozenset[str], ...]

    @property
    def names_images(self) -> bool:
        """Whether the file tells which picture a text is of."""
        return any(self.image_names)


def read_captions(path: Path) -> Captions:
    """Read a file of captions.

    ``.txt`` has one caption a line. ``.csv`` has the columns ``image`` and ``caption``. ``.jsonl``
    has an object a line with ``image`` and ``caption``, or ``captions``, a list; ``.json`` a list
    of those, a list of texts, or an object of captions by the name of their picture.

    Raises:
        SourceError: The file cannot be read, is none of these, or has no caption.
    """
    text = _read_text(path)
    readers = {".txt": _of_lines, ".csv": _of_csv, ".json": _of_json, ".jsonl": _of_json_lines}
    if path.suffix.lower() not in readers:
        message = f"{path}: expected a file that ends in {', '.join(CAPTION_SUFFIXES)}"
        raise SourceError(message)
    try:
        return captions_of(readers[path.suffix.lower()](text))
    except (ValueError, csv.Error) as err:
        message = f"{path}: {err}"
        raise SourceError(message) from err


def captions_of(pairs: Iterable[tuple[str, str]]) -> Captions:
    """Gather texts, each once; blank ones say nothing.

    Args:
        pairs: Name of a picture, empty if unknown, and a text.

    Raises:
        ValueError: There is no text.
    """
    gathered: dict[str, set[str]] = {}
    for image, text in pairs:
        if caption := one_line(text):
            names = gathered.setdefault(caption, set())
            if image:
                names.add(PurePosixPath(image.replace("\\", "/")).name)
    if not gathered:
        message = "expected captions, got none"
        raise ValueError(message)
    return Captions(tuple(gathered), tuple(map(frozenset, gathered.values())))


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CAPTION_BYTES + 1)
        if len(data) <= MAX_CAPTION_BYTES:
            return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        reason = err.strerror if isinstance(err, OSError) else str(err)
        message = f"{path}: expected captions in UTF-8, got {reason}"
        raise SourceError(message) from err
    message = f"{path}: expected at most {MAX_CAPTION_BYTES} bytes of captions, got more"
    raise SourceError(message)


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    return (("", line) for line in text.splitlines())


def _of_csv(text: str) -> Iterator[tuple[str, str]]:
    return _of_entries(csv_entries(io.StringIO(text, newline="")))


def _of_json_lines(text: str) -> Iterator[tuple[str, str]]:
    return _of_entries(json_entries(io.StringIO(text)))


def _of_entries(entries: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, str]]:
    for number, entry in entries:
        try:
            yield from _of_entry(entry)
        except ValueError as err:
            message = f"line {number}: {err}"
            raise ValueError(message) from err


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    document = json.loads(text)
    if isinstance(document, Mapping):
        for image, entry in document.items():
            yield from ((image, caption) for caption in text_list(entry))
    elif isinstance(document, list):
        for entry in document:
            yield from [("", entry)] if isinstance(entry, str) else _of_entry(entry)
    else:
        message = f"expected a list or an object, got {document!r}"
        raise ValueError(message)


def _of_entry(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield the pairs of an object with ``image`` and ``caption`` or ``captions``."""
    texts = caption_texts(entry)
    image = entry.get("image")
    if not isinstance(image, str):
        message = f"expected an object with image and caption, got {str(entry)[:60]!r}"
        raise ValueError(message)
    yield from ((image, text) for text in texts)
