"""Chooses what executes a network: the fastest that computes what torch computes."""

from __future__ import annotations

import logging
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.execution import BACKENDS
from scene_clip_ros.models.runtimes.network_cache import NetworkCache, NetworkFolder
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.onnx_runtime import OnnxRuntime
from scene_clip_ros.models.runtimes.openvino_runtime import OpenVinoRuntime
from scene_clip_ros.models.runtimes.session import Runtime, Session

_logger = logging.getLogger(__name__)

RUNTIMES: tuple[Runtime, ...] = (OpenVinoRuntime(), OnnxRuntime())

WORTH = 0.9
"""Share of torch's time that a runtime may take at most to be chosen: near ties stay with torch."""

_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks for.

    Attributes:
        backend: One of `BACKENDS`.
        device: ``cpu``, or ``cuda`` with or without a number.
        precision: ``fp32``, ``bf16`` or ``int8``.
    """

    backend: str
    device: str
    precision: str

    def __post_init__(self) -> None:
        """Refuse a backend that nobody knows.

        Raises:
            ModelError: Names those that there are.
        """
        if self.backend not in BACKENDS:
            message = f"backend: expected one of {', '.join(BACKENDS)}, got {self.backend!r}"
            raise ModelError(message)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a session is judged.

    Attributes:
        check: Returns the least cosine to fp32; raises ``ModelError`` if it is too low.
        run: Runs the session on what is usual, to be timed; None: the first that is right will do.
        run_torch: Does the same with torch, in the wanted precision.
    """

    check: Callable[[Session], float]
    run: Callable[[Session], object] | None = None
    run_torch: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A session that has passed, and what is to be said of it."""

    session: Session
    backend: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What executes a network.

    Attributes:
        session: Ready to run; None: torch does.
        backend: Its name.
        reason: One line for a person: version and figures, or why no other is used.
    """

    session: Session | None
    backend: str
    reason: str


def choose_session(
    network: Network,
    wanted: Wanted,
    trial: Trial,
    *,
    cache: NetworkCache | None = None,
    runtimes: Sequence[Runtime] = RUNTIMES,
    clock_ns: Callable[[], int] = time.perf_counter_ns,
) -> Choice:
    """Choose, and say aloud what was refused.

    With ``auto`` each runtime that is installed is tried once; what was fastest is noted beside
    the network and taken from then on, so that one machine always computes in one way.

    Args:
        network: What is to be run.
        wanted: The user's wish.
        trial: How candidates are judged.
        cache: Where compiled networks are kept; None: the default folder.
        runtimes: Candidates beside torch.
        clock_ns: What candidates are timed with.

    Raises:
        ModelError: The backend asked for is not installed or cannot compute so here, or nothing
            can.
    """
    if wanted.backend == "torch" and wanted.precision != "int8":
        return Choice(None, "torch", "as set")
    able = [each for each in runtimes if _is_able(each, wanted)]
    if not able and (wanted.backend != "auto" or wanted.precision == "int8"):
        raise ModelError(_unable(wanted, runtimes))
    if not able:
        return Choice(None, "torch", "no other runtime is installed that could")
    with (cache or NetworkCache()).opened(network) as folder:
        choice = _Chooser(folder, wanted, trial, clock_ns).choose(able)
    if choice.session is None and wanted.precision == "int8":
        message = f"precision int8: {choice.reason}"
        raise ModelError(message)
    return choice


def _is_able(runtime: Runtime, wanted: Wanted) -> bool:
    if wanted.backend not in ("auto", runtime.name) or not find_spec("onnx"):
        return False
    return runtime.can_run(device=wanted.device, precision=wanted.precision)


def _unable(wanted: Wanted, runtimes: Sequence[Runtime]) -> str:
    """Say why nothing can do what is wanted."""
    installed = [each.name for each in runtimes if each.version and find_spec("onnx")]
    if wanted.backend not in ("auto", "torch", *installed):
        return (
            f"backend {wanted.backend}: expected it and onnx to be installed, got not both; "
            f"install it with: pip install onnx {wanted.backend}"
        )
    return (
        f"backend {wanted.backend}: expected one that computes {wanted.precision} on "
        f"{wanted.device}, got {', '.join(installed) or 'no runtime beside torch'}"
    )


class _Chooser:
    def __init__(
        self, folder: NetworkFolder, wanted: Wanted, trial: Trial, clock_ns: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._wanted = wanted
        self._trial = trial
        self._clock_ns = clock_ns
        self._refused: list[str] = []

    def choose(self, able: Sequence[Runtime]) -> Choice:
        """Return the fastest of those that can; what was noted before is not timed again."""
        versions = " ".join(f"{each.name} {each.version}" for each in able)
        key = f"{_processor()} {self._wanted} {versions}"
        name, _, figures = (self._folder.note(key) or "").partition("\n")
        if name == "torch":
            return Choice(None, "torch", figures)
        noted = next((each for each in able if each.name == name), None)
        if noted and (done := self._try(noted)):
            return Choice(done.session, done.backend, f"{done.reason}; {figures}")
        tried = [done for each in able if each is not noted and (done := self._try(each))]
        if not tried:
            return Choice(None, "torch", f"refused: {'; '.join(self._refused)}")
        if self._trial.run is None:
            return Choice(tried[0].session, tried[0].backend, tried[0].reason)
        return self._fastest(tried, key=key, run=self._trial.run)

    def _fastest(
        self, tried: Sequence[_Loaded], *, key: str, run: Callable[[Session], object]
    ) -> Choice:
        """Time what could be loaded, and torch where it may be chosen, and note the outcome."""
        times = {each.backend: self._median_ms(partial(run, each.session)) for each in tried}
        best = min(tried, key=lambda each: times[each.backend])
        limit_ms = math.inf
        if self._trial.run_torch and self._wanted.precision != "int8":
            times["torch"] = self._median_ms(self._trial.run_torch)
            if self._wanted.backend == "auto":
                limit_ms = WORTH * times["torch"]
        figures = ", ".join(f"{name} {value:.1f} ms" for name, value in times.items())
        is_worth_it = times[best.backend] <= limit_ms
        if not self._refused:
            self._folder.take_note(key, f"{best.backend if is_worth_it else 'torch'}\n{figures}")
        if not is_worth_it:
            return Choice(None, "torch", figures)
        return Choice(best.session, best.backend, f"{best.reason}; {figures}")

    def _median_ms(self, call: Callable[[], object]) -> float:
        times_ms = []
        for _ in range(_REPEATS + 2):
            start_ns = self._clock_ns()
            call()
            times_ms.append((self._clock_ns() - start_ns) / 1e6)
        return sorted(times_ms[2:])[_REPEATS // 2]

    def _try(self, runtime: Runtime) -> _Loaded | None:
        """Load a network and compare it; None, and a word in the log, if that fails."""
        wanted = self._wanted
        name = f"{runtime.name}-{runtime.version}-{wanted.device}-{wanted.precision}"
        try:
            session = runtime.load(
                self._folder.exported(),
                device=wanted.device,
                precision=wanted.precision,
                cache=self._folder.compiled(name),
            )
            cosine = self._trial.check(session)
        except (ModelError, OSError) as err:
            self._refused.append(f"{runtime.name}: {err}")
            _logger.warning("%s is not used: %s", runtime.name, err)
            return None
        reason = f"{runtime.name} {runtime.version}, cosine {cosine:.5f} to fp32"
        return _Loaded(session, runtime.name, reason)


def _processor() -> str:
    """Return what a note of the fastest holds for: homes may be shared between machines."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()} {len(names)}"
