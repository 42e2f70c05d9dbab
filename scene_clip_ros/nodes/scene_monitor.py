"""The executable ``scene_monitor``: a live page with what the cameras show and the node says."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from rclpy.clock import Clock, ClockType

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.monitor_access import Access
from scene_clip_ros.nodes.monitor_board import Board
from scene_clip_ros.nodes.monitor_calls import ServiceCaller
from scene_clip_ros.nodes.monitor_gallery import Gallery, GallerySettings
from scene_clip_ros.nodes.monitor_inputs import MonitorInputs
from scene_clip_ros.nodes.monitor_pictures import PictureRing
from scene_clip_ros.nodes.monitor_questions import (
    ask_answer,
    ask_request,
    search_answer,
    search_request,
)
from scene_clip_ros.nodes.monitor_routes import Question, Routes
from scene_clip_ros.nodes.monitor_server import MonitorServer, listen
from scene_clip_ros.nodes.monitor_watcher import Scene
from scene_clip_ros.nodes.parameter_server import ParameterServer
from scene_clip_ros.nodes.parameters import SceneMonitorParameters
from scene_clip_ros.nodes.process import WorkingNode, run_node
from scene_clip_ros.srv import Ask, QueryFrames

HOUSEKEEPING_S = 0.5
"""Time between two looks at silence and at the services."""


class SceneMonitorNode(WorkingNode):
    """Listens to the results, and to the pictures while a browser watches; serves the page.

    Args:
        name: Name of the node.
        **options: Passed on to rclpy's Node.

    Raises:
        ParameterError: A parameter given at start-up is wrong.
    """

    def __init__(self, name: str = "scene_monitor", **options: Any) -> None:
        """Declare the parameters; everything else waits for `start`."""
        super().__init__(name, **options)
        self._values = ParameterServer(self, SceneMonitorParameters()).values
        self._queue = ExecutorQueue(self)
        self._server: MonitorServer | None = None

    def start(self) -> None:
        """Listen, subscribe and serve.

        Raises:
            ParameterError: The port is in use, or the address is not one of this machine.
        """
        values = self._values
        listening = listen(values.host, values.port)
        self.port = int(listening.getsockname()[1])
        self._access = Access.of(
            values.host, token=values.token, allowed_hosts=values.allowed_hosts
        )
        self._board = Board(
            values.cameras,
            history_s=values.history_s,
            stale_after_s=values.stale_after_s,
            clock_s=time.monotonic,
        )
        self._rings = {camera: PictureRing() for camera in values.cameras}
        self._topics = dict(zip(values.cameras, values.topics, strict=True))
        self._inputs = MonitorInputs(self, self._board, self._rings, topics=self._topics)
        self._server = MonitorServer(listening, self._routes())
        self._board.on_news = self._server.wake
        self._server.start()
        self._timer = self.create_timer(
            HOUSEKEEPING_S, self._keep_house, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self._tell_address()

    def stop(self) -> None:
        """End the page."""
        if self._server is not None:
            self._server.stop()

    def has_finished(self) -> bool:
        """Never: cameras have no end.

        Raises:
            ServiceError: The page's server has ended.
        """
        if self._server is not None and not self._server.is_running:
            message = "expected the page's server to keep running, got its end"
            raise ServiceError(message)
        return False

    @property
    def url(self) -> str:
        """Address of the page, with the token if it takes one; after `start`."""
        token = f"?token={self._access.token}" if self._access.token else ""
        return f"{self._address}{token}"

    @property
    def _address(self) -> str:
        host = self._values.host
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def _tell_address(self) -> None:
        """Log the address; the token is printed only, as every DDS participant reads /rosout."""
        cameras = ", ".join(self._values.cameras)
        self.get_logger().info(f"live page: {self._address}  cameras: {cameras}")
        if self._access.token:
            print(f"live page with its token: {self.url}", file=sys.stderr, flush=True)

    def _routes(self) -> Routes:
        """Return what the page's server answers."""
        self._search = ServiceCaller(
            self,
            self._queue,
            QueryFrames,
            name="scene_clip/query_frames",
            timeout_s=self._values.search_timeout_s,
            hint="is scene_clip running, with memory.enabled?",
        )
        self._ask = ServiceCaller(
            self,
            self._queue,
            Ask,
            name="scene_clip/ask",
            timeout_s=self._values.ask_timeout_s,
            hint="is scene_clip running?",
        )
        return Routes(
            access=self._access,
            cookie=f"scene_monitor_{self.port}",
            scene=self._scene(),
            questions=self._questions(),
            max_clients=self._values.max_clients,
            on_error=self.get_logger().error,
            on_watched=lambda watched: self._queue.put(
                partial(self._inputs.watch, watched=watched)
            ),
        )

    def _scene(self) -> Scene:
        values = self._values
        settings = GallerySettings(
            values.picture_height_px, values.jpeg_quality, values.max_rate_hz
        )
        hello = {
            "type": "hello",
            "cameras": [{"name": name, "topic": topic} for name, topic in self._topics.items()],
            "history_s": values.history_s,
            "stale_after_s": values.stale_after_s,
        }
        return Scene(
            board=self._board,
            gallery=Gallery(self._rings, self._board, settings, on_error=self._inputs.report),
            hello=hello,
            picture_s=lambda camera: self._rings[camera].received_s(),
            services=lambda: {"search": self._search.is_offered, "ask": self._ask.is_offered},
            max_rate_hz=values.max_rate_hz,
        )

    def _questions(self) -> dict[str, Question]:
        cameras, newest_ns = self._values.cameras, self._board.newest_ns
        return {
            "/search": Question(
                self._search,
                partial(search_request, cameras=cameras),
                partial(search_answer, newest_ns=newest_ns),
            ),
            "/ask": Question(
                self._ask,
                partial(ask_request, cameras=cameras),
                partial(ask_answer, newest_ns=newest_ns),
            ),
        }

    def _keep_house(self) -> None:
        self._board.note_silence()
        self._search.look()
        self._ask.look()


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``scene_monitor``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(SceneMonitorNode, arguments)
