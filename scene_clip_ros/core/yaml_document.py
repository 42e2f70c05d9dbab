"""Reads YAML that a person wrote, and says where it is wrong in one line.

Who wrote it is not trusted: documents are bounded in length and depth, and hold nothing but texts,
lists and mappings. Aliases are refused: a few of them make a short text mean a very long one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml

from scene_clip_ros.core.errors import VocabularyError
from scene_clip_ros.core.short_text import shortened

T = TypeVar("T")

NULL_TAG = "tag:yaml.org,2002:null"

MAX_CHARACTERS = 100_000
"""Of a document; the driving vocabulary has 8000."""

MAX_QUOTED = 60
"""Characters of a text that a message quotes: who names a file should not be told all of it."""


@dataclass(frozen=True, slots=True)
class YamlValue:
    """One value of a YAML document with its place.

    Scalars are read as they are written: ``day: on`` is the text ``on``, never a boolean.

    Attributes:
        node: The parsed node.
        source: Name of the document, for messages.
        key_path: Keys that lead to the value, joined by dots; empty for the whole document.
    """

    node: yaml.Node
    source: str
    key_path: str

    def error(self, message: str) -> VocabularyError:
        """Return an error whose one line names source, line, key path and problem."""
        place = f"{self.source}:{self.node.start_mark.line + 1}: "
        key = f"{self.key_path}: " if self.key_path else ""
        return VocabularyError(f"{place}{shortened(key)}{shortened(message)}")

    def build(self, make: Callable[[], T]) -> T:
        """Call ``make`` and add this place to the error that it may raise."""
        try:
            return make()
        except VocabularyError as err:
            raise self.error(str(err)) from err

    @property
    def is_null(self) -> bool:
        """Whether nothing, ``null`` or ``~`` is written."""
        return self.node.tag == NULL_TAG

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self.node, yaml.MappingNode)

    def mapping(self, keys: Collection[str] | None = None) -> dict[str, YamlValue]:
        """Return the entries of a mapping, in their order.

        Args:
            keys: The only keys allowed; None allows any.

        Raises:
            VocabularyError: Not a mapping, a key not allowed, or a key given twice.
        """
        if not isinstance(self.node, yaml.MappingNode):
            message = f"expected a mapping, got {self._kind()}"
            raise self.error(message)
        entries: dict[str, YamlValue] = {}
        for key_node, value_node in self.node.value:
            key = YamlValue(key_node, self.source, self.key_path).text()
            shown = shortened(key, MAX_QUOTED)
            path = f"{self.key_path}.{shown}" if self.key_path else shown
            if keys is not None and key not in keys:
                message = f"expected one of the keys {', '.join(keys)}, got {shown!r}"
                raise YamlValue(key_node, self.source, path).error(message)
            if key in entries:
                message = "expected each key once, got it twice"
                raise YamlValue(key_node, self.source, path).error(message)
            entries[key] = YamlValue(value_node, self.source, path)
        return entries

    def text(self) -> str:
        """Return a scalar as it is written, without blanks around it.

        Raises:
            VocabularyError: A list, a mapping, or nothing.
        """
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            message = f"expected a text, got {self._kind()}"
            raise self.error(message)
        return str(self.node.value).strip()

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one, nothing an empty list.

        Raises:
            VocabularyError: A mapping, or a list that holds anything but texts.
        """
        if self.is_null:
            return ()
        if not isinstance(self.node, yaml.SequenceNode):
            return (self.text(),)
        return tuple(
            YamlValue(item, self.source, f"{self.key_path}[{index}]").text()
            for index, item in enumerate(self.node.value)
        )

    def _kind(self) -> str:
        if self.is_null:
            return "nothing"
        if isinstance(self.node, yaml.ScalarNode):
            return f"the text {shortened(self.node.value, MAX_QUOTED)!r}"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a mapping"


class _Aliased(yaml.YAMLError):
    """A document has an alias."""


class _PlainLoader(yaml.SafeLoader):
    """Composes documents without aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node, or refuse it."""
        if self.check_event(yaml.AliasEvent):
            message = "an alias, which is not allowed"
            raise _Aliased(message)
        return super().compose_node(parent, index)


def read_document(path: str | Path, what: str) -> str:
    """Read the text of a file, no more than a document may have.

    Args:
        path: The file.
        what: What is expected there, for the message.

    Raises:
        VocabularyError: It cannot be read, is a folder or device, is too large, or is not UTF-8.
    """
    try:
        return _read_bounded(Path(path))
    except OSError as err:
        reason = err.strerror
    except UnicodeDecodeError as err:
        reason = f"byte 0x{err.object[err.start]:02x} at {err.start}, which is no UTF-8"
    except ValueError as err:
        reason = str(err)
    message = f"{path}: expected a readable {what}, got {reason}"
    raise VocabularyError(message)


def _read_bounded(path: Path) -> str:
    """Read a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no regular file, is too large, or is not UTF-8.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device has no end
        message = "a folder or device"
        raise ValueError(message)
    most = 4 * MAX_CHARACTERS
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        message = f"more than {most} bytes"
        raise ValueError(message)
    return content.decode("utf-8")


def read_yaml(text: str, *, source: str) -> YamlValue:
    """Parse one YAML document.

    Args:
        text: The document.
        source: What to call it in messages, e.g. its path.

    Raises:
        VocabularyError: The text is not one YAML document, is empty, too long or nested too deeply.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"{source}: expected at most {MAX_CHARACTERS} characters, got {len(text)}"
        raise VocabularyError(message)
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark is not None else 1
        message = f"{source}:{line}: expected YAML, got {shortened(str(err.problem))}"
        raise VocabularyError(message) from err
    except yaml.YAMLError as err:
        message = f"{source}: expected YAML text, got {' '.join(str(err).split())}"
        raise VocabularyError(message) from err
    except RecursionError as err:
        message = f"{source}: expected YAML, got lists or mappings nested too deeply"
        raise VocabularyError(message) from err
    if node is None:
        message = f"{source}: expected YAML with entries, got an empty document"
        raise VocabularyError(message)
    return YamlValue(node, source, "")
