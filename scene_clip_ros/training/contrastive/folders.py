"""Pictures with captions in folders: a text beside every picture, or one table of all."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.caption_entries import caption_texts, csv_entries, json_entries
from scene_clip_ros.media.folders import stamp_file_name
from scene_clip_ros.training.contrastive.pairs import (
    MOST_TEXT_BYTES,
    PICTURE_SUFFIXES,
    PairCollector,
    PairList,
    PictureBytes,
    caption_text,
)
from scene_clip_ros.training.contrastive.shards import SHARD_SUFFIX, expand_shards, read_shards

TABLES = ("captions.csv", "captions.jsonl", "truth.jsonl")
"""The last is what rendered drives have; it names pictures by their stamps."""


def find_pairs(data: str) -> PairList:
    """Find pictures and their captions.

    Args:
        data: A folder of pictures, each with a ``.txt`` of its name, one caption a line; or with
            ``captions.csv`` or ``captions.jsonl``, of ``image`` (relative to the folder) and
            ``caption``; a rendered drive; a folder of webdataset shards, ``*.tar``; a pattern of
            shards, as ``drives-{000..017}.tar`` or ``drives-*.tar``; or a table by itself.

    Raises:
        SourceError: Nothing is there, or it is none of these.
    """
    path = Path(data)
    if data.endswith(SHARD_SUFFIX):
        found = read_shards(expand_shards(data))
    elif path.is_dir():
        found = _read_folder(path)
    elif path.is_file() and path.suffix in (".csv", ".jsonl"):
        found = _read_table(path)
    else:
        message = f"{data}: expected a folder, a table of captions or shards, got no such thing"
        raise SourceError(message)
    if not found.pairs:
        reason = f" ({found.problems[0]})" if found.problems else ""
        message = f"{data}: expected pictures with captions, got none{reason}"
        raise SourceError(message)
    return found


def _read_folder(folder: Path) -> PairList:
    for name in TABLES:
        if (folder / name).is_file():
            return _read_table(folder / name)
    if shards := sorted(folder.glob(f"*{SHARD_SUFFIX}")):
        return read_shards(shards)
    return _read_texts(folder)


def _read_texts(folder: Path) -> PairList:
    collector = PairCollector()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file():
            name = path.relative_to(folder).as_posix()
            try:
                captions = caption_text(_read_text(path.with_suffix(".txt"))).splitlines()
            except OSError as err:
                collector.problems.append(f"{name}: expected a .txt beside it, got {err.strerror}")
            except ValueError as err:
                collector.problems.append(f"{name}: expected captions in UTF-8, got {err}")
            else:
                collector.add(name, PictureBytes(path), captions)
    return collector.listed()


def _read_text(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_TEXT_BYTES + 1)


def _read_table(path: Path) -> PairList:
    """Read a table; wrong lines are problems, a wrong header is an error."""
    collector = PairCollector()
    read = csv_entries if path.suffix == ".csv" else json_entries
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, entry in read(file):
                _take_entry(collector, path, f"line {number}", entry)
    except (OSError, UnicodeDecodeError, csv.Error) as err:
        message = f"{path}: expected a table of captions in UTF-8, got {err}"
        raise SourceError(message) from err
    except ValueError as err:
        message = f"{path}: {err}"
        raise SourceError(message) from err
    return collector.listed()


def _take_entry(collector: PairCollector, path: Path, where: str, entry: Any) -> None:
    try:
        captions = caption_texts(entry)
    except ValueError as err:
        collector.problems.append(f"{path.name} {where}: {err}")
        return
    image = entry.get("image", _stamped_name(entry))
    if not isinstance(image, str) or not (path.parent / image).is_file():
        collector.problems.append(f"{path.name} {where}: expected a picture, got {image!r}")
        return
    collector.add(image, PictureBytes(path.parent / image), captions)


def _stamped_name(entry: Any) -> str | None:
    stamp_ns = entry.get("stamp_ns")
    return stamp_file_name(stamp_ns, ".jpg") if isinstance(stamp_ns, int) else None
