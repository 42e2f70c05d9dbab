"""The model that is shipped: what it must know, and how small it must stay."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.model_source import EMBEDDED_CONFIG, EMBEDDED_FOLDER
from scene_clip_ros.models.open_clip_encoder import OpenClipEncoder, load_open_clip
from scene_clip_ros.report.scoring import SceneScore
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training.evaluate import EvaluationDrives, measure, reworded

LIMIT_MB = 12.0
# Few frames, so that the test is quick: a floor, while the model card has the figures.
DRIVES = EvaluationDrives(rounds=1, seconds=3.0, rate_hz=1.0, size_wh=(480, 270))


@pytest.fixture(scope="module")
def encoder() -> OpenClipEncoder:
    return load_open_clip()


@pytest.fixture(scope="module")
def scores(encoder: OpenClipEncoder) -> dict[str, SceneScore]:
    vocabulary = load_vocabulary(DRIVING_VOCABULARY)
    return measure(encoder, {"own": vocabulary, "other": reworded(vocabulary)}, DRIVES)


def test_it_is_small_and_comes_with_its_card() -> None:
    sizes = {path.name: path.stat().st_size for path in EMBEDDED_FOLDER.iterdir()}
    assert sum(sizes.values()) <= LIMIT_MB * 1e6
    assert {EMBEDDED_CONFIG.name, "MODEL_CARD.md", "calibration.json"} <= sizes.keys()


@pytest.mark.parametrize("attribute", ["weather", "time_of_day", "road", "surface"])
@pytest.mark.parametrize(("wording", "least"), [("own", 0.9), ("other", 0.8)])
def test_it_knows_rendered_drives_it_was_not_trained_on(
    scores: dict[str, SceneScore], attribute: str, wording: str, least: float
) -> None:
    accuracy = next(a for a in scores[wording].attributes if a.name == attribute)
    assert accuracy.counted >= 20
    assert accuracy.fraction is not None
    assert accuracy.fraction >= least, accuracy.confusions


def test_the_card_states_the_size_of_what_lies_beside_it() -> None:
    card = (EMBEDDED_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    size = sum(p.stat().st_size for p in EMBEDDED_FOLDER.iterdir() if p.suffix != ".md")
    assert f"{size / 1e6:.1f} MB" in card


def test_its_calibration_holds(encoder: OpenClipEncoder) -> None:
    calibration = json.loads((EMBEDDED_FOLDER / "calibration.json").read_text(encoding="utf-8"))
    assert encoder.info.logit_scale == calibration["logit_scale"]
    assert encoder.info.cosine_floor == calibration["cosine_floor"]


def test_equal_pictures_embed_equally_at_any_place_in_a_batch(encoder: OpenClipEncoder) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (90, 160, 3), dtype=np.uint8)
    other = rng.integers(0, 256, (60, 60, 3), dtype=np.uint8)
    batch = encoder.encode_images([other, picture, other])
    assert batch[1] @ encoder.encode_images([picture])[0] == pytest.approx(1.0, abs=1e-3)


def test_a_copy_elsewhere_loads_alike(encoder: OpenClipEncoder, tmp_path: Path) -> None:
    for path in EMBEDDED_FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    copy = load_open_clip(str(tmp_path / EMBEDDED_CONFIG.name))
    assert copy.info.model_id == encoder.info.model_id
    assert np.array_equal(copy.encode_texts(["rain"]), encoder.encode_texts(["rain"]))
