from __future__ import annotations

from pathlib import Path

import pytest

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.calibration import Calibration, load_calibration


def test_without_a_file_nothing_is_corrected(tmp_path: Path) -> None:
    assert load_calibration(tmp_path / "model.safetensors") == Calibration(None, None)


def test_null_corrects_nothing(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"logit_scale": 20, "cosine_floor": null}')
    assert load_calibration(tmp_path / "model.safetensors") == Calibration(20.0, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected JSON"),
        ("[1]", "expected an object, got list"),
        ('{"logit_scale": 0}', r"logit_scale: expected a number in \[1e-06, 1e\+06\], got 0"),
        ('{"logit_scale": NaN}', "logit_scale: expected a number"),
        ('{"cosine_floor": "low"}', r"cosine_floor: expected a number in \[-1, 1\], got 'low'"),
        ('{"cosine_floor": true}', "got True"),
    ],
)
def test_wrong_file_is_refused_by_name_and_key(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "calibration.json").write_text(text)
    with pytest.raises(ModelError, match=rf"calibration\.json: .*{message}"):
        load_calibration(tmp_path / "model.safetensors")
