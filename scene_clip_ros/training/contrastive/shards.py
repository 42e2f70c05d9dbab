"""Pictures with captions in webdataset shards: tar files whose members share a base name."""

from __future__ import annotations

import glob
import json
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.caption_entries import caption_texts
from scene_clip_ros.training.contrastive.pairs import (
    MOST_TEXT_BYTES,
    PICTURE_SUFFIXES,
    PairCollector,
    PairList,
    PictureBytes,
    caption_text,
)

SHARD_SUFFIX = ".tar"

_BRACES = re.compile(r"\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}")
_MEMBER = re.compile(r"((?:.*/)?[^./][^./]*)(\.[^/]+)")
"""Base name and ending of a member: as webdataset has it, the ending begins at the first dot."""

_MOST_SHARDS = 100_000


@dataclass(slots=True)
class _Sample:
    """Members of one base name."""

    picture: PictureBytes | None = None
    captions: list[str] = field(default_factory=list)


def expand_shards(pattern: str) -> list[Path]:
    """Return the shards that a pattern names: ``{000..017}``, ``{a,b}``, ``*``, ``?``, ``[ab]``.

    Raises:
        SourceError: One that braces name is not there, or none is.
    """
    shards: list[Path] = []
    for name in _expand_braces(pattern):
        found = sorted(glob.glob(name)) if glob.has_magic(name) else [name]  # noqa: PTH207
        shards += [Path(path) for path in found]
        if not found or not shards[-1].is_file():
            message = f"{name}: expected a shard, got no such file"
            raise SourceError(message)
    return list(dict.fromkeys(shards))


def read_shards(shards: Sequence[Path]) -> PairList:
    """List the pairs of tar files, which must not be compressed: pictures are read in place.

    A shard that is damaged gives the pairs before the damage, and a problem.
    """
    collector = PairCollector()
    for shard in shards:
        samples: dict[str, _Sample] = {}
        try:
            for member in _members(shard):
                _take_member(samples, shard, member, collector.problems)
        except (tarfile.TarError, OSError, EOFError) as err:
            collector.problems.append(f"{shard.name}: expected an uncompressed tar file, got {err}")
        for key, sample in samples.items():
            name = f"{shard.name}/{key}"
            if sample.picture is None:
                collector.problems.append(f"{name}: expected a picture, got captions only")
            else:
                collector.add(name, sample.picture, sample.captions)
    return collector.listed()


@dataclass(frozen=True, slots=True)
class _Member:
    """A file within a shard: base name, ending in lower case, where it lies, its text if any."""

    key: str
    ending: str
    place: PictureBytes
    text: bytes


def _members(shard: Path) -> Iterator[_Member]:
    with tarfile.open(shard, "r:") as tar:
        for info in tar:
            match = _MEMBER.fullmatch(info.name)
            if match is None or not info.isreg() or info.issparse():
                continue
            ending = match[2].lower()
            is_text = ending in (".txt", ".json")
            file = tar.extractfile(info) if is_text else None
            text = file.read(MOST_TEXT_BYTES + 1) if file is not None else b""
            place = PictureBytes(shard, info.offset_data, info.size)
            yield _Member(match[1], ending, place, text)


def _take_member(
    samples: dict[str, _Sample], shard: Path, member: _Member, problems: list[str]
) -> None:
    if member.ending in PICTURE_SUFFIXES:
        samples.setdefault(member.key, _Sample()).picture = member.place
    elif member.ending in (".txt", ".json"):
        sample = samples.setdefault(member.key, _Sample())
        try:
            text = caption_text(member.text)
            is_json = member.ending == ".json"
            sample.captions += caption_texts(json.loads(text)) if is_json else text.splitlines()
        except ValueError as err:
            problems.append(f"{shard.name}/{member.key}{member.ending}: {err}")


def _expand_braces(pattern: str) -> list[str]:
    match = _BRACES.search(pattern)
    if match is None:
        return [pattern]
    if match[3] is not None:
        choices = match[3].split(",")
    else:
        first, last = int(match[1]), int(match[2])
        if last - first >= _MOST_SHARDS:
            message = f"{pattern}: expected at most {_MOST_SHARDS} shards, got {last - first + 1}"
            raise SourceError(message)
        choices = [f"{number:0{len(match[1])}d}" for number in range(first, last + 1)]
    head, tail = pattern[: match.start()], pattern[match.end() :]
    return [name for choice in choices for name in _expand_braces(head + choice + tail)]
