"""Loads something beside everything else, once at a time. Free of ROS."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.nodes.bounded_worker import BoundedWorker


class BackgroundLoad:
    """Loads on a worker; asked for again while it loads or waits to, it does nothing more.

    Args:
        worker: Loads.
        load: Loads; may take seconds.
        on_failure: Told why there is nothing, on any thread.
    """

    def __init__(
        self,
        worker: BoundedWorker,
        load: Callable[[], object],
        *,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """Prepare; nothing is loaded yet."""
        self._worker = worker
        self._load = load
        self._on_failure = on_failure
        self._loading: Future[object] | None = None

    def begin(self) -> None:
        """Load soon; called from one thread only, never waits, and fails by `on_failure` alone."""
        if self._loading is not None and not self._loading.done():
            return
        try:
            self._loading = self._worker.submit(self._load)
        except ServiceError as err:
            self._on_failure(err)
        else:
            self._loading.add_done_callback(self._tell_failure)

    def _tell_failure(self, done: Future[object]) -> None:
        if not done.cancelled() and (error := done.exception()):
            self._on_failure(error)
