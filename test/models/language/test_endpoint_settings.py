from __future__ import annotations

import pytest

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.models.language.endpoint_settings import (
    EndpointSettings,
    endpoint_settings_from_env,
)

URL = "http://localhost:8000/v1"
SET = {"SCENE_CLIP_LLM_BASE_URL": URL, "SCENE_CLIP_LLM_MODEL": "m"}


def test_no_base_url_is_no_endpoint() -> None:
    assert endpoint_settings_from_env({"SCENE_CLIP_LLM_MODEL": "m", "OPENAI_API_KEY": "k"}) is None
    assert endpoint_settings_from_env({"SCENE_CLIP_LLM_BASE_URL": " "}) is None


def test_the_rest_has_defaults() -> None:
    assert endpoint_settings_from_env(SET) == EndpointSettings(URL, "m", "", 30.0, 2, 8)


def test_all_variables_are_read() -> None:
    environ = {
        "SCENE_CLIP_LLM_BASE_URL": f" {URL}/ ",
        "SCENE_CLIP_LLM_MODEL": "m",
        "SCENE_CLIP_LLM_API_KEY": "k\n",
        "SCENE_CLIP_LLM_TIMEOUT_S": "0.5",
        "SCENE_CLIP_LLM_RETRIES": "0",
        "SCENE_CLIP_LLM_MAX_FRAMES": "16",
    }
    assert endpoint_settings_from_env(environ) == EndpointSettings(URL, "m", "k", 0.5, 0, 16)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MODEL", "", "expected the model's name, got 'none'"),
        ("BASE_URL", "localhost:8000", "got something else"),
        ("BASE_URL", "ftp://localhost", "got something else"),
        ("BASE_URL", "http:///v1", "got something else"),
        ("BASE_URL", "http://localhost:99999/v1", "got something else"),
        ("BASE_URL", "http://local host/v1", "got something else"),
        ("BASE_URL", "http://sk-secret@host/v1", "a key goes into SCENE_CLIP_LLM_API_KEY"),
        ("BASE_URL", "http://host/v1?key=sk-secret", "got one with '\\?' or '#'"),
        ("API_KEY", "sk secret", "expected printable ASCII without spaces, got something else"),
        ("TIMEOUT_S", "0", r"expected \(0, 600\] seconds, got 0"),
        ("TIMEOUT_S", "nan", r"expected \(0, 600\] seconds, got nan"),
        ("TIMEOUT_S", "soon", "expected a number, got 'soon'"),
        ("RETRIES", "-1", "expected 0 to 10, got -1"),
        ("RETRIES", "1.5", "expected a whole number, got '1.5'"),
        ("MAX_FRAMES", "65", "expected 1 to 64, got 65"),
        ("MAX_FRAMES", "inf", "expected a whole number, got 'inf'"),
    ],
)
def test_value_that_cannot_work_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(ReasoningError, match=f"SCENE_CLIP_LLM_{name}: .*{message}") as caught:
        endpoint_settings_from_env({**SET, f"SCENE_CLIP_LLM_{name}": value})
    assert "secret" not in str(caught.value)
