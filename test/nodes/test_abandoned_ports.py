"""A new participant takes no shared-memory port that others still write to for a killed one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from shared_memory import is_free, make_older, mapped, port_of

from scene_clip_ros.nodes.abandoned_memory import MIN_AGE_S
from scene_clip_ros.nodes.abandoned_ports import abandoned_ports_avoided

NAMES = ["fastrtps_port7001", "fastdds_port7001"]
"""Of versions 2 and 3 of Fast DDS."""


@pytest.fixture(params=NAMES)
def lock(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The lock of a port whose owner is gone for long."""
    (tmp_path / request.param).write_bytes(b"port")
    lock = tmp_path / f"{request.param}_el"
    lock.touch()
    make_older(lock, 2 * MIN_AGE_S)
    return lock


@pytest.fixture
def opened(lock: Path) -> Iterator[Path]:
    """The same, but this process, as one that writes to it, has it open."""
    with mapped(lock):
        yield lock


def test_a_port_that_somebody_has_open_is_held_meanwhile(opened: Path) -> None:
    with abandoned_ports_avoided(opened.parent):
        assert not is_free(opened)

    assert is_free(opened)
    assert port_of(opened).exists()


def test_of_several_that_start_at_once_each_holds_it_until_it_has_started(opened: Path) -> None:
    with ExitStack() as one, ExitStack() as other:
        for each in (one, other):
            each.enter_context(abandoned_ports_avoided(opened.parent))
        one.close()

        assert not is_free(opened)


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "lock alone"])
def test_a_port_that_nobody_has_open_is_removed(lock: Path, *, is_whole: bool) -> None:
    if not is_whole:
        port_of(lock).unlink()

    with abandoned_ports_avoided(lock.parent):
        assert not list(lock.parent.iterdir())


def test_a_port_that_may_just_have_been_made_stays(lock: Path) -> None:
    os.utime(lock)

    with abandoned_ports_avoided(lock.parent):
        assert is_free(lock)

    assert port_of(lock).exists()


def test_a_port_whose_owner_lives_is_left_to_it(opened: Path) -> None:
    with opened.open("rb") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        with abandoned_ports_avoided(opened.parent):
            pass

        assert not is_free(opened)


def test_a_removed_port_that_somebody_has_open_is_held_by_all_who_start(opened: Path) -> None:
    port_of(opened).unlink()
    opened.unlink()

    with ExitStack() as one, ExitStack() as other:
        for each in (one, other):
            each.enter_context(abandoned_ports_avoided(opened.parent))
        one.close()

        assert not is_free(opened)

    assert is_free(opened)


def test_a_port_of_many_readers_is_not_held(opened: Path) -> None:
    opened.rename(opened.with_name(f"{port_of(opened).name}_sl"))

    with abandoned_ports_avoided(opened.parent):
        assert not opened.exists()


def test_an_error_inside_releases_the_ports(opened: Path) -> None:
    with pytest.raises(RuntimeError), abandoned_ports_avoided(opened.parent):
        raise RuntimeError

    assert is_free(opened)


def test_where_the_system_has_no_such_folders_nothing_is_done(tmp_path: Path) -> None:
    with abandoned_ports_avoided(tmp_path / "shm", tmp_path / "proc"):
        assert not list(tmp_path.iterdir())
