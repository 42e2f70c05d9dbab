"""How questions about the last minutes are answered."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.nodes.parameter_table import parameter


@dataclass(frozen=True, slots=True)
class QuestionParameters:
    """The function ``questions``."""

    enabled: bool = parameter(
        True,
        "Keep what was decided about the frames of the last minutes and answer `scene_clip/ask`; "
        "needs `memory`. What is kept is forgotten when it is switched off.",
        live=True,
    )
    backend: str = parameter(
        "auto",
        "What reasons: `contrastive` (the loaded CLIP), `endpoint` (a language model behind the "
        "URL in the environment, `SCENE_CLIP_LLM_BASE_URL`), `local:FOLDER` (one of transformers), "
        "or `auto` (CLIP, and the endpoint, if there is one, for what CLIP cannot tell).",
    )
    rate_hz: float = parameter(
        10.0,
        "Most frames per second and camera whose labels and tracks are kept to be asked about.",
        unit="Hz",
        minimum=0.1,
        maximum=120.0,
        live=True,
    )
    max_facts: int = parameter(
        6000,
        "Most frames of a camera whose labels and tracks are kept, 1 to 2 KB each; the oldest "
        "leave first, and those older than `memory.max_age_s`.",
        minimum=1,
        maximum=1_000_000,
        live=True,
    )
    max_frames: int = parameter(
        2000,
        "Most frames that one question is about, of all cameras together; of a window with more, "
        "so many are taken at even distances.",
        minimum=1,
        maximum=100_000,
        live=True,
    )
