"""Times of ROS at and beyond their ends."""

from __future__ import annotations

import pytest
from builtin_interfaces.msg import Time
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import MessageError
from scene_clip_ros.nodes.stamps import check_stamp, stamp_ns, time_message

NS_PER_S = 1_000_000_000
SECONDS = st.integers(-(2**31), 2**31 - 1)


@given(SECONDS, st.integers(0, NS_PER_S - 1))
def test_every_time_survives_the_way_to_nanoseconds_and_back(sec: int, nanosec: int) -> None:
    time = Time(sec=sec, nanosec=nanosec)

    assert time_message(stamp_ns(time)) == time


@pytest.mark.parametrize(
    ("time_ns", "nearest"),
    [
        (2**31 * NS_PER_S, Time(sec=2**31 - 1, nanosec=NS_PER_S - 1)),
        (-(2**31) * NS_PER_S - 1, Time(sec=-(2**31), nanosec=0)),
    ],
)
def test_a_time_that_no_message_can_say_becomes_the_nearest_one(
    time_ns: int, nearest: Time
) -> None:
    assert time_message(time_ns) == nearest


@given(SECONDS, st.integers(NS_PER_S, 2**32 - 1))
def test_a_stamp_with_a_second_of_nanoseconds_is_refused(sec: int, nanosec: int) -> None:
    with pytest.raises(MessageError, match=f"less than 1000000000 ns, got {nanosec}"):
        check_stamp(Time(sec=sec, nanosec=nanosec))
