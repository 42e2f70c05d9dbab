"""Keeps Ctrl-C and a polite kill from tearing work that must not be torn.

Python raises ``KeyboardInterrupt`` wherever the program is. Out of a callback of C code, such as
the constructor of a message that is being deserialised, it comes back as another error or not at
all. While interrupts are held, they wait for the end of the block.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_STDERR = 2


@dataclass(slots=True)
class _State:
    """Of this process, as its signal handlers are."""

    holders: int = 0
    is_waiting: bool = False
    has_come: bool = False
    teller: socket.socket | None = None


_state = _State()


def catch_interrupts() -> None:
    """Let SIGINT and SIGTERM raise ``KeyboardInterrupt``, unless they are held.

    Call it in the main thread, before ROS is initialised, which chains its own handlers to these.
    """
    _state.has_come = False
    for number in _NUMBERS:
        signal.signal(number, _on_signal)


def end_at_interrupts() -> None:
    """Let SIGINT and SIGTERM end the process at once with status 0, until `catch_interrupts`.

    For the time of imports, when nothing has begun that would have to be ended.
    """
    for number in _NUMBERS:
        signal.signal(number, lambda _number, _frame: os._exit(0))


def end_in_time(grace_s: float) -> None:
    """Let SIGINT and SIGTERM end the process after a while, whatever it is doing then.

    Handlers of Python wait for the main thread to come back from C code, such as the compilation of
    a network, and what they raise must then get through all that is in progress. A thread of its
    own does not wait, but for C code that keeps Python's lock. Call it in the main thread, once.

    Args:
        grace_s: Seconds from the first signal to the end, with status 0 and a line on stderr.
    """
    told, teller = socket.socketpair()
    teller.setblocking(False)
    _state.teller = teller  # open until the end: signals are written to its number
    signal.set_wakeup_fd(teller.fileno(), warn_on_full_buffer=False)

    def watch() -> None:
        while told.recv(1)[0] not in _NUMBERS:
            pass
        threading.Event().wait(grace_s)
        try:
            if select.select((), (_STDERR,), (), 0)[1]:  # nobody may read it
                os.write(_STDERR, b"interrupted: ended amid work that took longer\n")
        finally:
            os._exit(0)

    threading.Thread(target=watch, name="end_in_time", daemon=True).start()


def ignore_interrupts() -> None:
    """Let SIGINT and SIGTERM do nothing from now on: the process ends anyway."""
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)


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


def was_interrupted() -> bool:
    """Return whether SIGINT or SIGTERM has come since `catch_interrupts`."""
    return _state.has_come


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    _state.has_come = True
    if _state.holders:
        _state.is_waiting = True
    else:
        raise KeyboardInterrupt
