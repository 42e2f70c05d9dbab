"""Nothing is fetched while any thread loads a model."""

from __future__ import annotations

import threading

import pytest
from huggingface_hub import constants

from scene_clip_ros.models.offline import no_downloads


def load(*, fails: bool) -> None:
    """Load something, or fail to."""
    with no_downloads():
        assert constants.HF_HUB_OFFLINE
        if fails:
            message = "no such weights"
            raise OSError(message)


@pytest.mark.parametrize("was", [False, True])
def test_the_hub_is_as_it_was_after_a_load_and_after_a_failed_one(
    monkeypatch: pytest.MonkeyPatch, *, was: bool
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", was)
    load(fails=False)
    assert was == constants.HF_HUB_OFFLINE
    with pytest.raises(OSError, match="no such weights"):
        load(fails=True)
    assert was == constants.HF_HUB_OFFLINE


def test_a_load_that_ends_first_does_not_let_the_other_one_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    is_inside, may_end, seen = threading.Event(), threading.Event(), []

    def load_slowly() -> None:
        with no_downloads():
            is_inside.set()
            may_end.wait()
            seen.append(constants.HF_HUB_OFFLINE)

    slow = threading.Thread(target=load_slowly)
    with no_downloads():
        slow.start()
        is_inside.wait()
    may_end.set()
    slow.join()
    assert seen == [True]
    assert not constants.HF_HUB_OFFLINE
