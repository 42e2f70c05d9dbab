"""Where a language model answers, and how long it may take, from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from scene_clip_ros.core.errors import ReasoningError

BASE_URL = "SCENE_CLIP_LLM_BASE_URL"
MODEL = "SCENE_CLIP_LLM_MODEL"
API_KEY = "SCENE_CLIP_LLM_API_KEY"
TIMEOUT_S = "SCENE_CLIP_LLM_TIMEOUT_S"
RETRIES = "SCENE_CLIP_LLM_RETRIES"
MAX_FRAMES = "SCENE_CLIP_LLM_MAX_FRAMES"

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_RETRIES = 2
DEFAULT_MAX_FRAMES = 8

MAX_TIMEOUT_S = 600.0
MAX_RETRIES = 10
MOST_FRAMES = 64


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """An OpenAI-compatible endpoint.

    Attributes:
        base_url: Address up to and including the version, as ``http://localhost:8000/v1``.
        model: The model's name there.
        api_key: What the endpoint wants to know its users by; empty: nothing is sent. Neither
            shown nor logged.
        timeout_s: Most seconds that a question takes, all tries together, (0, `MAX_TIMEOUT_S`].
        retries: Most tries after the first, 0 to `MAX_RETRIES`.
        max_frames: Most frames that are sent, 1 to `MOST_FRAMES`.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = DEFAULT_TIMEOUT_S
    retries: int = DEFAULT_RETRIES
    max_frames: int = DEFAULT_MAX_FRAMES

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ReasoningError: A value is missing or out of its range.
        """
        check_base_url(self.base_url)
        if not self.model or not self.model.isprintable():
            message = f"{MODEL}: expected the model's name, got {self.model or 'none'!r}"
            raise ReasoningError(message)
        if not all("!" <= c <= "~" for c in self.api_key):
            message = f"{API_KEY}: expected printable ASCII without spaces, got something else"
            raise ReasoningError(message)
        check_limits(self.timeout_s, self.max_frames)
        if not 0 <= self.retries <= MAX_RETRIES:
            message = f"{RETRIES}: expected 0 to {MAX_RETRIES}, got {self.retries}"
            raise ReasoningError(message)


def endpoint_settings_from_env(environ: Mapping[str, str]) -> EndpointSettings | None:
    """Read the settings of an endpoint.

    Args:
        environ: As ``os.environ``; nothing but the variables named in this module is read.

    Returns:
        None if no endpoint is configured, that is, no base URL is given.

    Raises:
        ReasoningError: A variable is missing, malformed or out of its range.
    """
    base_url = environ.get(BASE_URL, "").strip()
    if not base_url:
        return None
    timeout_s, max_frames = limits_from_env(environ)
    return EndpointSettings(
        base_url.rstrip("/"),
        environ.get(MODEL, "").strip(),
        environ.get(API_KEY, "").strip(),
        timeout_s=timeout_s,
        retries=int(_number(environ, RETRIES, DEFAULT_RETRIES)),
        max_frames=max_frames,
    )


def limits_from_env(environ: Mapping[str, str]) -> tuple[float, int]:
    """Read how many seconds a question may take, and how many frames may be shown.

    Raises:
        ReasoningError: One is malformed or out of its range.
    """
    timeout_s = _number(environ, TIMEOUT_S, DEFAULT_TIMEOUT_S)
    max_frames = int(_number(environ, MAX_FRAMES, DEFAULT_MAX_FRAMES))
    check_limits(timeout_s, max_frames)
    return timeout_s, max_frames


def check_limits(timeout_s: float, max_frames: int) -> None:
    """Refuse limits out of their range.

    Raises:
        ReasoningError: One is.
    """
    if not 0 < timeout_s <= MAX_TIMEOUT_S:
        message = f"{TIMEOUT_S}: expected (0, {MAX_TIMEOUT_S:g}] seconds, got {timeout_s:g}"
        raise ReasoningError(message)
    if not 1 <= max_frames <= MOST_FRAMES:
        message = f"{MAX_FRAMES}: expected 1 to {MOST_FRAMES}, got {max_frames}"
        raise ReasoningError(message)


def check_base_url(base_url: str) -> None:
    """Refuse an address that no endpoint can have; it is not repeated, for it may hold a key.

    Raises:
        ReasoningError: It is not ``http(s)://HOST[:PORT][/PATH]``.
    """
    parts = _split(base_url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        fault = "something else"
    elif parts.username is not None:
        fault = f"one with a user name; a key goes into {API_KEY}"
    elif parts.query or parts.fragment:
        fault = "one with '?' or '#'"
    else:
        return
    message = f"{BASE_URL}: expected http(s)://HOST[:PORT][/PATH], got {fault}"
    raise ReasoningError(message)


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address; None if it has a character or a port that none may have."""
    if not all("!" <= c <= "~" for c in url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    try:
        number = float(text) if text else default
        whole = name == TIMEOUT_S or number == int(number)
    except (ValueError, OverflowError):
        whole = False
    if not whole:
        kind = "a number" if name == TIMEOUT_S else "a whole number"
        message = f"{name}: expected {kind}, got {text[:50]!r}"
        raise ReasoningError(message)
    return number
