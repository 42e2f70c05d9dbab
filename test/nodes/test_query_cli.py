"""``scene-clip query`` asks a running node, and finds what an archive of the same frames finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import VOCABULARY, Camera, wait_for_kept
from color_drives import index
from recordings import write_embedding
from ros_world import RosWorld

from scene_clip_ros.cli.main import build_parser, main
from scene_clip_ros.cli.search import find_hits
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder
from scene_clip_ros.msg import FrameEmbedding
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.search.archive import Archive

GREENS_AND_A_RED = ["green"] * 12 + ["red"] + ["green"] * 12


@dataclass(frozen=True)
class Printed:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def hits(self) -> list[dict[str, Any]]:
        hits: list[dict[str, Any]] = json.loads(self.out)
        return hits


Query = Callable[..., Printed]


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    return str(path)


@pytest.fixture
def node(world: RosWorld, vocabulary: str) -> SceneClipNode:
    return world.scene_clip(vocabulary=vocabulary)


@pytest.fixture
def query(
    world: RosWorld,
    domain_id: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Query]:
    """Run the command while the world is spun."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    with ThreadPoolExecutor(1) as pool:

        def run(*words: str | Path) -> Printed:
            capsys.readouterr()
            code = pool.submit(main, ["query", *map(str, words)])
            world.wait_until(code.done, "the end of the command")
            return Printed(code.result(), *capsys.readouterr())

        yield run


@pytest.mark.usefixtures("node")
def test_a_person_gets_a_table_and_a_sheet(world: RosWorld, query: Query, tmp_path: Path) -> None:
    Camera(world).show_all(GREENS_AND_A_RED)
    wait_for_kept(world, len(GREENS_AND_A_RED))

    printed = query("red", "--last", "20s", "--top-k", "2", "--sheet", tmp_path / "hits.png")

    assert printed.code == 0
    header, _, best, _ = printed.out.splitlines()
    assert header.split() == ["score", "z", "time", "camera"]
    rank, score, z, time, camera = best.split()
    assert (rank, time, camera) == ("1", "1:52.000", "front")
    assert float(score) > 0.5
    assert float(z) > 3
    colors = {tuple(row) for row in read_picture(tmp_path / "hits.png").reshape(-1, 3).tolist()}
    assert any(np.allclose(color, COLOR_WORDS["red"], atol=8) for color in colors)


def test_scripts_get_a_list(world: RosWorld, vocabulary: str, query: Query, tmp_path: Path) -> None:
    world.scene_clip(vocabulary=vocabulary, cameras=["front", "rear"])
    Camera(world).show_all(["green", "red"])
    Camera(world, "rear").show_all(["red", "blue"])
    wait_for_kept(world, 4)
    red = np.full((24, 32, 3), COLOR_WORDS["red"], np.uint8)
    (tmp_path / "red.png").write_bytes(encode_png(red))

    of_a_camera = query("a red thing", "--camera", "rear", "--json").hits
    like_a_picture = query("--image", tmp_path / "red.png", "--min-score", "0.9", "--json").hits
    of_the_last = query("red", "--last", "0.5s", "--min-gap", "5", "--json").hits

    keys = ["camera", "frame_id", "stamp_ns", "score", "z"]
    assert [list(hit) for hit in of_a_camera] == [keys, keys]
    assert {hit["camera"] for hit in of_a_camera} == {"rear"}
    assert {(hit["camera"], hit["stamp_ns"]) for hit in like_a_picture} == {
        ("front", 101 * 10**9),
        ("rear", 100 * 10**9),
    }
    assert {hit["stamp_ns"] for hit in of_the_last} == {101 * 10**9}


@pytest.mark.usefixtures("node")
def test_nothing_that_stands_out_is_said(world: RosWorld, query: Query) -> None:
    Camera(world).show_all(["green", "yellow"] * 12)
    wait_for_kept(world, 24)

    *_, remark = query("blue", "--top-k", "1").out.splitlines()

    assert remark.startswith("nothing matches: ")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["red", "--camera", "moon"], "query_frames refused: cameras: expected some of front"),
        (["--image", "{}/bad.png"], "query_frames refused: expected JPEG or PNG data"),
    ],
    ids=["camera", "picture"],
)
@pytest.mark.usefixtures("node")
def test_a_refusal_is_one_line(
    query: Query, tmp_path: Path, words: list[str], problem: str
) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")

    printed = query(*(word.format(tmp_path) for word in words))

    assert printed.code == 2
    (line,) = [line for line in printed.err.splitlines() if "scene-clip" in line]
    assert problem in line


def test_a_service_that_nobody_offers_is_told(query: Query) -> None:
    printed = query("red", "--timeout", "0.2", "--service", "/car/scene_clip/query_frames")

    assert printed.code == 2
    assert (
        "scene-clip: error: expected a node that offers /car/scene_clip/query_frames, got none "
        "within 0.2 s"
    ) in printed.err


@pytest.mark.parametrize("name", ["a b", "", "//car", "car/", "{moon}/query_frames"])
def test_a_name_that_no_service_can_have_is_refused(query: Query, name: str) -> None:
    printed = query("red", "--service", name)

    assert printed.code == 2
    (line,) = [line for line in printed.err.splitlines() if "scene-clip" in line]
    assert f"expected the name of a service, got {name!r}" in line
    assert "Traceback" not in printed.err


def test_an_archive_of_the_same_frames_gives_the_same_hits(
    world: RosWorld, vocabulary: str, query: Query, tmp_path: Path
) -> None:
    world.scene_clip(vocabulary=vocabulary, memory__max_gap_s=0.0)
    embeddings = world.inbox(FrameEmbedding, "front/scene_clip/embedding")
    Camera(world).show_all(some_colors(30))
    wait_for_kept(world, 30)
    archive = index_embeddings(embeddings.wait_count(30), tmp_path)
    config = tmp_path / "my.param.yaml"
    config.write_text(f"/**: {{ros__parameters: {{vocabulary: {vocabulary}}}}}")
    words = ("red", "something red", "--min-gap", "2", "--top-k", "7", "--json")

    live = query(*words).hits
    search = build_parser().parse_args(["search", str(archive), *words, "--config", str(config)])
    with Archive.open(archive) as opened:
        hits, _ = find_hits(opened, FakeEncoder(), search)

    assert len(live) == 7
    assert [hit["stamp_ns"] for hit in live] == [hit.stamp_ns for hit in hits]
    for key in ("score", "z"):
        expected = [getattr(hit, key) for hit in hits]
        np.testing.assert_allclose([hit[key] for hit in live], expected, atol=5e-3)


def some_colors(count: int) -> list[tuple[int, int, int]]:
    rng = np.random.default_rng(3)
    return [(int(r), int(g), int(b)) for r, g, b in rng.integers(0, 256, (count, 3))]


def index_embeddings(messages: list[FrameEmbedding], folder: Path) -> Path:
    """Record embeddings as a bag without pictures, and make an archive of it."""
    with BagWriter(folder / "drive.mcap") as writer:
        for message in messages:
            embedding = np.array(message.embedding, np.float32)
            write_embedding(writer, "front", stamp_ns(message.header.stamp), embedding)
    index(folder / "drives.archive", folder / "drive.mcap")
    return folder / "drives.archive"
