from __future__ import annotations

from scene_clip_ros.core.threads import SHARING, share_cores


def test_threads_share_cores_unless_the_user_wants_otherwise() -> None:
    environment = {"OMP_WAIT_POLICY": "ACTIVE", "HOME": "/root"}

    share_cores(environment)

    assert environment == {**SHARING, "OMP_WAIT_POLICY": "ACTIVE", "HOME": "/root"}
