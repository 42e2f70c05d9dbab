"""Keeps Ctrl-C and a polite kill from tearing work that must not be torn.

Python raises ``KeyboardInterrupt`` wherever the program is. Out of a callback of C code, such as
the constructor of a message that is being deserialised, it comes back as another error or not at
all. While interrupts are held, they wait for the end of the block.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class _State:
    """Of this process, as its signal handlers are."""

    holders: int = 0
    is_waiting: bool = False


_state = _State()


def catch_interrupts() -> None:
    """Let SIGINT and SIGTERM raise ``KeyboardInterrupt``, unless they are held.

    Call it in the main thread, before ROS is initialised, which chains its own handlers to these.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _on_signal)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let an interrupt that comes within the block wait for its end.

    Without `catch_interrupts` it has no effect. For the main thread.

    Raises:
        KeyboardInterrupt: One came. If the block ended with an error, that is the cause: ROS, whose
            handlers shut its context down, fails where it would have gone on.
    """
    _state.holders += 1
    failure: Exception | None = None
    try:
        yield
    except Exception as err:
        failure = err
        raise
    finally:
        _state.holders -= 1
        if _state.is_waiting and not _state.holders:
            _state.is_waiting = False
            raise KeyboardInterrupt from failure


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    if _state.holders:
        _state.is_waiting = True
    else:
        raise KeyboardInterrupt
