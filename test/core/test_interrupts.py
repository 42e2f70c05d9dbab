"""Interrupts come between two steps, never in the middle of one."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from scene_clip_ros.core.interrupts import catch_interrupts, interrupts_held, was_interrupted

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class SignalStack(ctypes.Structure):
    """``stack_t`` of Linux."""

    _fields_ = (("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


SS_DISABLE = 2

TIMEOUT_S = 30.0


@pytest.fixture(autouse=True)
def own_stack() -> None:
    """Take signals on the thread's own stack.

    What ran before in this process may have left another one. On processors with AMX a signal's
    frame, which then holds 8 KB of tiles, made the process end with a segmentation fault there.
    """
    disabled = SignalStack(None, SS_DISABLE, 0)
    assert ctypes.CDLL(None).sigaltstack(ctypes.byref(disabled), None) == 0


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Catch interrupts, and put the handlers of before back."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    catch_interrupts()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interrupt_is_raised_at_once_where_nothing_is_held(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interrupt_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    done = []

    def work() -> None:
        with interrupts_held():
            signal.raise_signal(number)
            done.append("first half")
            signal.raise_signal(number)
            done.append("second half")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["first half", "second half"]


def test_an_interrupt_waits_for_the_outermost_block() -> None:
    done = []

    def work() -> None:
        with interrupts_held():
            with interrupts_held():
                signal.raise_signal(signal.SIGINT)
            done.append("outer block")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["outer block"]


def interrupted(error: Exception | None = None) -> None:
    """Be interrupted in a block that ends with an error or without one."""
    with interrupts_held():
        signal.raise_signal(signal.SIGINT)
        if error is not None:
            raise error


def failing() -> None:
    """End a block with an error."""
    with interrupts_held():
        message = "torn"
        raise ValueError(message)


def quiet() -> None:
    """Do nothing in a block."""
    with interrupts_held():
        pass


def test_an_interrupt_is_raised_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    quiet()


def test_an_error_in_an_interrupted_block_is_the_cause_of_the_interrupt() -> None:
    error = ValueError("torn")
    with pytest.raises(KeyboardInterrupt) as raised:
        interrupted(error)
    assert raised.value.__cause__ is error
    quiet()


def test_an_error_without_an_interrupt_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="torn"):
        failing()
    quiet()


def test_whether_one_has_come_is_known_afterwards() -> None:
    assert not was_interrupted()

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert was_interrupted()


def end_of(code: str, number: signal.Signals) -> tuple[int, str]:
    """Run Python until it says so, send a signal, and return status and what it says then."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, said


BUSY = """
import threading
from scene_clip_ros.core.interrupts import catch_interrupts, end_in_time, interrupts_held
catch_interrupts()
end_in_time(0.1)
with interrupts_held():
    print("ready", flush=True)
    threading.Event().wait()
"""
IMPORTING = """
import threading
from scene_clip_ros.core.interrupts import end_at_interrupts
end_at_interrupts()
print("ready", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_process_ends_in_time_whatever_it_does(number: signal.Signals) -> None:
    assert end_of(BUSY, number) == (0, "interrupted: ended amid work that took longer\n")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_process_that_has_not_begun_ends_at_once(number: signal.Signals) -> None:
    assert end_of(IMPORTING, number) == (0, "")
