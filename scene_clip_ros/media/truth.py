"""Ground truth that lies with a recording: in the bag, or in a file beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.bag_types import STRING_TYPE
from scene_clip_ros.media.bags import BagReader, is_bag

TRUTH_TOPIC = "ground_truth"
"""Last part of the topic of a camera's truth: ``std_msgs/String`` with a JSON object."""

_FOLDER_FILE = "truth.jsonl"
_FILE_ENDING = ".truth.jsonl"


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """The truth of one frame, as it was written.

    Attributes:
        where: File and line, or file, topic and time, for messages.
        data: The JSON object.
    """

    where: str
    data: Mapping[str, Any]


def truth_file(path: Path) -> Path:
    """Return the truth file of a video (beside it) or of a folder (inside it)."""
    if path.is_dir():
        return path / _FOLDER_FILE
    return path.with_name(path.name + _FILE_ENDING)


def read_truth(path: Path | str) -> Iterator[TruthRecord]:
    """Read the ground truth of a recording, frame by frame.

    Args:
        path: Bag, video, folder, or the ``.jsonl`` file itself.

    Raises:
        SourceError: There is none, or it is damaged; names file and line or topic.
    """
    path = Path(path)
    if is_bag(path):
        return _read_bag(path)
    return _read_lines(path if path.suffix == ".jsonl" else truth_file(path))


class TruthWriter:
    """Writes a truth file, which appears under its name when it is closed."""

    def __init__(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Start a file.

        Args:
            path: See ``truth_file``.
            overwrite: Whether to replace a file of the same name.

        Raises:
            SourceError: The name is taken.
        """
        self._aside = Aside(Path(path), overwrite=overwrite)
        self._lines = self._aside.path.open("w", encoding="utf-8")

    def write(self, data: Mapping[str, Any]) -> None:
        """Append the truth of a frame."""
        self._lines.write(json.dumps(data, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Finish the file and give it its name; may be called again."""
        if not self._lines.closed:
            self._lines.close()
            self._aside.publish()

    def abort(self) -> None:
        """Throw away what was written; may be called again."""
        if not self._lines.closed:
            self._lines.close()
            self._aside.discard()

    def __enter__(self) -> TruthWriter:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.close()
        else:
            self.abort()


def _read_bag(path: Path) -> Iterator[TruthRecord]:
    """Read the truth topics of a bag."""
    with BagReader(path) as reader:
        topics = [
            topic
            for topic in reader.topics
            if topic.msgtype == STRING_TYPE and topic.name.rsplit("/", 1)[-1] == TRUTH_TOPIC
        ]
        if not topics:
            message = f"{path}: expected a topic <camera>/{TRUTH_TOPIC}, got none"
            raise SourceError(message)
        for message_ in reader.messages(topics):
            where = f"{path}: {message_.topic.name} at {message_.time_ns} ns"
            yield TruthRecord(where, _parse(reader.deserialize(message_).data, where))


def _read_lines(path: Path) -> Iterator[TruthRecord]:
    """Read a truth file."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    where = f"{path}:{number}"
                    yield TruthRecord(where, _parse(line, where))
    except (OSError, UnicodeDecodeError) as err:
        message = f"{path}: expected a file of ground truth, got {err}"
        raise SourceError(message) from err


def _parse(text: str, where: str) -> Mapping[str, Any]:
    """Parse one JSON object.

    Raises:
        SourceError: Not JSON, or not an object.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as err:
        message = f"{where}: expected a JSON object, got {err}"
        raise SourceError(message) from err
    if not isinstance(data, dict):
        message = f"{where}: expected a JSON object, got {type(data).__name__}"
        raise SourceError(message)
    return data
