"""Parameters of the node that serves the live page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.nodes.parameters.cameras import check_cameras, check_one_each, image_topics

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,256}")


@dataclass(frozen=True, slots=True)
class SceneMonitorParameters:
    """Parameters of the node ``scene_monitor``."""

    cameras: tuple[str, ...] = parameter(
        ("front",), "Names of the cameras; each is the prefix of the result topics shown."
    )
    camera_topics: tuple[str, ...] = parameter(
        (),
        "Image topic of each camera, in the order of `cameras`, as in `scene_clip`. Not set: "
        "`<camera>/image`.",
    )
    transport: str = parameter(
        "raw", "What the cameras send, as in `scene_clip`.", choices=("raw", "compressed")
    )
    host: str = parameter(
        "127.0.0.1",
        "Address that is listened to: this machine only, or `0.0.0.0` for all of its networks. "
        "With any but a loopback address the page asks for the token.",
    )
    port: int = parameter(
        8642,
        "Port of the page; 0: any free one, named in the log.",
        minimum=0,
        maximum=65535,
    )
    token: str = parameter(
        "",
        "Secret of the page, 16 to 256 letters, digits, `_` and `-`. Empty: made up at start-up "
        "if `host` is no loopback address; none otherwise. Printed once on stderr with the page's "
        "address, and never logged.",
    )
    allowed_hosts: tuple[str, ...] = parameter(
        (),
        "More names under which browsers may open the page, such as that of a proxy. Numeric "
        "addresses and this machine's own name need not be listed.",
    )
    max_clients: int = parameter(
        8, "Browsers that may watch at the same time.", minimum=1, maximum=64
    )
    max_rate_hz: float = parameter(
        10.0,
        "Most pictures sent per second, camera and browser. Labels and alerts do not wait for "
        "them.",
        unit="Hz",
        minimum=0.2,
        maximum=60.0,
    )
    picture_height_px: int = parameter(
        540,
        "Height to which larger pictures are scaled down.",
        unit="pixels",
        minimum=120,
        maximum=2160,
    )
    jpeg_quality: int = parameter(
        80, "Quality of the pictures.", unit="percent", minimum=1, maximum=100
    )
    history_s: float = parameter(
        300.0, "Length of the timeline.", unit="s", minimum=10.0, maximum=3600.0
    )
    stale_after_s: float = parameter(
        2.0,
        "Silence after which an alert is shown as STALE, and labels and pictures as missing.",
        unit="s",
        minimum=0.2,
        maximum=60.0,
    )
    search_timeout_s: float = parameter(
        10.0,
        "Longest wait for `scene_clip/query_frames`.",
        unit="s",
        minimum=0.1,
        maximum=600.0,
    )
    ask_timeout_s: float = parameter(
        120.0, "Longest wait for `scene_clip/ask`.", unit="s", minimum=0.1, maximum=600.0
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: A camera's name cannot be part of a topic or occurs twice, the number
                of topics is not that of the cameras, or the token is too short or cannot be part
                of an address.
        """
        check_cameras(self.cameras)
        check_one_each("camera_topics", self.camera_topics, cameras=self.cameras)
        if self.token and not _TOKEN.fullmatch(self.token):
            message = (
                "parameter token: expected 16 to 256 letters, digits, '_' and '-', got "
                f"{len(self.token)} characters, or others"
            )
            raise ParameterError(message)
        if not self.host:
            message = "parameter host: expected an address such as 127.0.0.1, got nothing"
            raise ParameterError(message)

    @property
    def topics(self) -> tuple[str, ...]:
        """Topic with the pictures of each camera, in the order of ``cameras``."""
        return image_topics(self.cameras, self.camera_topics, transport=self.transport)
