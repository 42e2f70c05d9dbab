from __future__ import annotations

import os

import pytest
from notebook import notebook, unset

from scene_clip_ros.core.threads import SHARING


def test_variables_are_left_out_for_a_while_only() -> None:
    environment = {"a": "1", "b": "2"}
    with unset(environment, ["a", "c"]):
        assert environment == {"b": "2"}
    assert environment == {"a": "1", "b": "2"}


def test_kernel_has_none_of_our_thread_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SHARING.items():
        monkeypatch.setenv(name, value)

    with notebook() as kernel:
        found = [kernel.run(os.getenv, name) for name in SHARING]

    assert found == [None] * len(SHARING)
    assert [os.environ[name] for name in SHARING] == list(SHARING.values())
