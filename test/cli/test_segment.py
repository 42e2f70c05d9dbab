"""Pictures, folders and recordings are marked by a model that knows colours, or a tiny CLIPSeg."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from colors import BLUE, GREEN, RED, picture
from PIL import Image
from tiny_clipseg import write_clipseg

from scene_clip_ros.cli.main import main
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.bag_messages import image_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.nodes.parameters import SceneClipParameters

SIZE_WH = (80, 60)
TEXTS = ("something green", "a red thing")


def halves() -> ImageArray:
    """Return a picture that is red on the left and blue on the right."""
    rgb = picture(RED, size_wh=SIZE_WH)
    rgb[:, SIZE_WH[0] // 2 :] = BLUE
    return rgb


def labels_in(path: Path) -> ImageArray:
    with Image.open(path) as stored:
        assert stored.mode == "P"
        return np.asarray(stored)


def write_bag(path: Path, *cameras: str, frames: int = 4) -> Path:
    with BagWriter(path) as writer:
        for index in range(frames):
            for camera in cameras:
                stamp_ns = index * 100_000_000
                message = image_message(halves(), stamp_ns=stamp_ns, frame_id=camera)
                writer.write(f"/{camera}/image", message, time_ns=stamp_ns)
    return path


@pytest.fixture
def street(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    path.write_bytes(encode_png(halves()))
    return path


@pytest.fixture
def segment(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run ``scene-clip segment`` with a model that knows colours."""
    monkeypatch.setattr(
        "scene_clip_ros.nodes.configured.find_configured_segmenter",
        lambda _values: FakeSegmenter,
    )
    return lambda *words: main(["segment", *map(str, words)])


def error_of(code: int, capsys: pytest.CaptureFixture[str]) -> str:
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_the_values_of_a_mask_are_the_numbers_of_the_texts(
    segment: Callable[..., int], street: Path, tmp_path: Path
) -> None:
    output = tmp_path / "mask.png"

    assert segment(street, *TEXTS, "-o", output) == 0

    labels = labels_in(output)
    assert labels.shape == SIZE_WH[::-1]
    assert (labels[:, :38] == 2).all()
    assert (labels[:, 42:] == 0).all()


def test_a_table_tells_the_share_of_every_text(
    segment: Callable[..., int], street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment(street, *TEXTS, "-o", tmp_path / "mask.png")

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=3) for line in lines[2:4]] == [
        ["1", "0.0", "%", "something green"],
        ["2", "50.0", "%", "a red thing"],
    ]
    assert lines[-1] == f"{tmp_path / 'mask.png'}: 1 mask"


def test_json_tells_what_a_mask_means(
    segment: Callable[..., int], street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment(street, *TEXTS, "-o", tmp_path / "mask.png", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told == {
        "mask": str(tmp_path / "mask.png"),
        "camera": "front",
        "stamp_ns": 0,
        "size_wh": list(SIZE_WH),
        "labels": ["background", *TEXTS],
        "coverage": {TEXTS[0]: 0.0, TEXTS[1]: pytest.approx(0.5, abs=0.03)},
        "model": "fake-segmenter",
    }


@pytest.mark.parametrize("name", ["over.png", "over.JPG"])
def test_the_overlay_is_the_picture_with_its_mask(
    segment: Callable[..., int], street: Path, tmp_path: Path, name: str
) -> None:
    segment(street, *TEXTS, "-o", tmp_path / "mask.png", "--overlay", tmp_path / name)

    drawn = read_picture(tmp_path / name).astype(int)
    assert drawn.shape == (SIZE_WH[1], SIZE_WH[0], 3)
    assert np.abs(drawn[5, 60] - BLUE).max() < 30
    assert np.abs(drawn[5, 10] - RED).max() > 35


def test_a_threshold_for_each_text_counts_for_that_text(
    segment: Callable[..., int], street: Path, tmp_path: Path
) -> None:
    segment(street, "red", "blue", "-o", tmp_path / "mask.png", "--threshold", "1,0.5")

    assert set(np.unique(labels_in(tmp_path / "mask.png"))) == {0, 2}


def test_a_folder_gets_a_mask_for_every_picture_by_its_name(
    segment: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name, colour in (("b10", RED), ("b9", GREEN), ("a", BLUE)):
        (pictures / f"{name}.png").write_bytes(encode_png(picture(colour)))
    (pictures / "broken.png").write_bytes(b"no picture")

    code = segment(pictures, *TEXTS, "-o", tmp_path / "masks", "--overlay", tmp_path / "over")

    assert code == 0
    values = {path.stem: set(np.unique(labels_in(path))) for path in (tmp_path / "masks").iterdir()}
    assert values == {"a": {0}, "b9": {1}, "b10": {2}}
    assert {path.name for path in (tmp_path / "over").iterdir()} == {"a.jpg", "b9.jpg", "b10.jpg"}
    told = capsys.readouterr()
    assert "3 masks, 1 skipped" in told.out
    assert "skipped front at" in told.err


def test_names_that_differ_in_their_endings_stay_apart(
    segment: Callable[..., int], tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.fromarray(picture(RED)).save(pictures / "it.jpg")
    (pictures / "it.png").write_bytes(encode_png(picture(GREEN)))

    segment(pictures, *TEXTS, "-o", tmp_path / "masks")

    names = sorted(path.name for path in (tmp_path / "masks").iterdir())
    assert names == ["it.jpg.png", "it.png.png"]


def test_frames_of_a_recording_are_named_by_camera_and_stamp(
    segment: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = write_bag(tmp_path / "drive.mcap", "front", "rear", frames=3)

    segment(bag, *TEXTS, "-o", tmp_path / "masks", "--rate", "5", "--json")

    found = {str(path.relative_to(tmp_path)) for path in (tmp_path / "masks").glob("*/*.png")}
    expected = {
        f"masks/{camera}/{stamp:019d}.png"
        for camera in ("front", "rear")
        for stamp in (0, 200_000_000)
    }
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found == expected
    assert {str(Path(each["mask"]).relative_to(tmp_path)) for each in told} == expected


def test_one_camera_of_a_recording_needs_no_folder(
    segment: Callable[..., int], tmp_path: Path
) -> None:
    bag = write_bag(tmp_path / "drive.mcap", "front", "rear", frames=1)

    segment(bag, *TEXTS, "-o", tmp_path / "masks", "--camera", "rear")

    assert [path.name for path in (tmp_path / "masks").iterdir()] == [f"{0:019d}.png"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param(("red", "-o", "mask.jpg"), "-o: expected a name that ends in .png", id="jpg"),
        pytest.param(("red", "-o", "."), "-o: expected a name that ends in .png", id="folder"),
        pytest.param(
            ("red", "-o", "m.png", "--overlay", "over"), "--overlay: expected a name", id="overlay"
        ),
        pytest.param(
            ("red", "-o", "m.png", "--overlay", "m.png"), "expected a place apart", id="same name"
        ),
        pytest.param(("red", "-o", "street.png"), "expected a place apart", id="input"),
        pytest.param(("red", "red", "-o", "m.png"), "got 'red' twice", id="twice"),
        pytest.param((" ", "-o", "m.png"), "texts: expected words, got ' '", id="no words"),
        pytest.param(
            ("a", "b", "c", "-o", "m.png", "--threshold", "0.5,0.5"),
            "thresholds: expected 1 or 3 of them, got 2",
            id="thresholds",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_nothing_is_written(
    segment: Callable[..., int],
    street: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    words: tuple[str, ...],
    reason: str,
) -> None:
    monkeypatch.chdir(street.parent)
    before = street.read_bytes()

    line = error_of(segment("street.png", *words), capsys)

    assert reason in line
    assert [path.name for path in street.parent.iterdir()] == ["street.png"]
    assert street.read_bytes() == before


@pytest.mark.parametrize("value", ["2", "nan", "", "0.5,,1", "half"])
def test_a_threshold_that_is_no_probability_is_refused(
    segment: Callable[..., int], capsys: pytest.CaptureFixture[str], value: str
) -> None:
    with pytest.raises(SystemExit):
        segment("street.png", "red", "-o", "mask.png", "--threshold", value)

    assert "expected numbers from 0 to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "reason"),
    [("masks.png", "-o: expected a folder"), ("taken", "expected a name that is free")],
)
def test_masks_of_a_folder_need_a_new_folder(
    segment: Callable[..., int],
    street: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    output: str,
    reason: str,
) -> None:
    monkeypatch.chdir(street.parent)
    Path("pictures").mkdir()
    street.rename("pictures/street.png")
    Path("taken").mkdir()
    Path("taken/precious.txt").write_text("keep me")

    line = error_of(segment("pictures", "red", "-o", output), capsys)

    assert reason in line
    assert Path("taken/precious.txt").read_text() == "keep me"


def test_an_input_without_a_good_picture_leaves_no_output(
    segment: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")

    assert segment(tmp_path / "pictures", "red", "-o", tmp_path / "masks") == 2

    assert "expected a picture that can be read" in capsys.readouterr().err
    assert not (tmp_path / "masks").exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_no_bad_frame_and_leaves_nothing(
    segment: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = write_bag(tmp_path / "drive.mcap", "front", frames=2)

    with files_of_at_most(400):  # enough for masks, and too little for pictures
        code = segment(bag, *TEXTS, "-o", tmp_path / "masks", "--overlay", tmp_path / "over")

    assert "expected a place that can be written, got File too large" in error_of(code, capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["drive.mcap"]


def test_frames_of_equal_stamps_have_files_of_their_own(
    segment: Callable[..., int], tmp_path: Path
) -> None:
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for _ in range(3):
            message = image_message(halves(), stamp_ns=7, frame_id="front")
            writer.write("/front/image", message, time_ns=7)

    segment(tmp_path / "drive.mcap", *TEXTS, "-o", tmp_path / "masks")

    names = {path.name for path in (tmp_path / "masks").iterdir()}
    assert names == {f"{7:019d}{number}.png" for number in ("", "-2", "-3")}


def test_cameras_whose_names_are_alike_have_folders_of_their_own(
    segment: Callable[..., int], tmp_path: Path
) -> None:
    bag = write_bag(tmp_path / "drive.mcap", "car/front", "car_front", frames=1)

    segment(bag, *TEXTS, "-o", tmp_path / "masks")

    names = {path.parent.name for path in (tmp_path / "masks").glob("*/*.png")}
    assert names == {"car_front", "car_front-2"}


def test_a_model_is_named_by_its_folder(
    street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_clipseg(tmp_path / "tiny")
    words = ["--model", folder, "--threshold", "0", "--json", "--device", "cpu"]

    code = main(["segment", str(street), "a", "b", "-o", str(tmp_path / "m.png"), *map(str, words)])

    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["model"].startswith("tiny@")
    assert sum(told["coverage"].values()) == pytest.approx(1.0)


def test_a_model_that_is_not_there_is_told_in_one_line(
    street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "m.png")

    line = error_of(main(["segment", str(street), "a", "-o", output, "--model", "nope"]), capsys)

    assert "expected 'embedded', a folder with a CLIPSeg checkpoint" in line


def test_a_parameter_file_of_the_node_names_the_model(
    street: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "node.yaml"
    config.write_text("/**: {ros__parameters: {masks: {model: mine}, device: cpu}}\n")
    named: list[Any] = []

    def find(values: SceneClipParameters) -> Callable[[], FakeSegmenter]:
        named.append((values.masks.model, values.device))
        return FakeSegmenter

    monkeypatch.setattr("scene_clip_ros.nodes.configured.find_configured_segmenter", find)

    main(["segment", str(street), "a", "-o", str(tmp_path / "m.png"), "--config", str(config)])

    assert named == [("mine", "cpu")]
