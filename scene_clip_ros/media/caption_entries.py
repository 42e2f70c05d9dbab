"""Entries of files that tell captions of pictures: CSV with a header, and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

COLUMNS = ("image", "caption")
"""Of CSV files; others are passed over."""


def csv_entries(file: TextIO) -> Iterator[tuple[int, Any]]:
    """Yield the entries of a CSV file as it is read, each with the number of its last line.

    Args:
        file: Opened with ``newline=""``.

    Raises:
        ValueError: A column is missing.
        csv.Error: It is no CSV.
    """
    reader = csv.DictReader(file, restval="")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        message = f"expected the columns image and caption, got no {' and no '.join(missing)}"
        raise ValueError(message)
    for entry in reader:
        yield reader.line_num, entry


def json_entries(file: TextIO) -> Iterator[tuple[int, Any]]:
    """Yield the entries of a file with a JSON value a line, each with the number of its line.

    What is no JSON is ``None``, of which there are no captions.
    """
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, _parsed(line)


def caption_texts(entry: Any) -> list[str]:
    """Return the captions of an entry: ``caption`` or ``captions``, a text or a list.

    Raises:
        ValueError: It is no object, has none, or they are no texts.
    """
    if not isinstance(entry, Mapping):
        message = f"expected an object with image and caption, got {str(entry)[:60]!r}"
        raise ValueError(message)
    return text_list(entry.get("captions", entry.get("caption")))


def text_list(value: Any) -> list[str]:
    """Return a caption, or a list of them, as a list.

    Raises:
        ValueError: It is neither.
    """
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        message = f"expected a caption or a list of them, got {str(value)[:60]!r}"
        raise ValueError(message)
    return texts


def one_line(text: str) -> str:
    """Return a caption without line breaks and blanks in a row; empty if it says nothing."""
    return " ".join(text.split())


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
