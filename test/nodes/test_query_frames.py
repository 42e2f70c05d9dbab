"""The last minutes are kept and answer questions, over DDS, while cameras keep running."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from asked import (
    SERVICE,
    VOCABULARY,
    Camera,
    ask,
    image,
    picture_message,
    seconds,
    wait_for_kept,
)
from breaking_encoder import BreakingEncoder
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from feeds import Feed
from paced_encoder import TIMEOUT_S, PacedEncoder
from ros_world import RosWorld
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.frame_query import SearchOutcome
from scene_clip_ros.media.compressed import decode_compressed, encode_png
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, NAN_COLOR
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes import frame_search
from scene_clip_ros.nodes.query_service import MAX_QUERIES
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.nodes.stamps import time_message
from scene_clip_ros.search.memory_search import search
from scene_clip_ros.srv import QueryFrames, SetEnabled

GREENS_AND_A_RED = ["green"] * 12 + ["red"] + ["green"] * 12
RED_SEC = 112

FEED_NS = 20_000_000
"""Time between two pictures of a feed."""

GREENS_AND_BLUES = ["green"] * 20 + ["blue"] * 2 + ["white"] * 3


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    path = tmp_path / "colours.yaml"
    path.write_text(VOCABULARY)
    return str(path)


@pytest.fixture
def node(world: RosWorld, vocabulary: str) -> SceneClipNode:
    return world.scene_clip(vocabulary=vocabulary, diagnostics__period_s=0.2)


def solid_png(color: str) -> bytes:
    return encode_png(np.full((24, 32, 3), COLOR_WORDS[color], np.uint8))


def switch(world: RosWorld, function: str, *, enabled: bool) -> None:
    request = SetEnabled.Request(function=function, enabled=enabled)
    response = world.call(SetEnabled, "scene_clip/set_enabled", request)
    assert response.success, response.message


@pytest.mark.usefixtures("node")
def test_a_text_finds_the_frame_that_shows_it(world: RosWorld) -> None:
    Camera(world).show_all(GREENS_AND_A_RED)
    wait_for_kept(world, len(GREENS_AND_A_RED))

    response = ask(world, text="red", top_k=3)

    assert (response.success, response.message, response.nothing_matches) == (True, "", False)
    assert seconds(response)[0] == RED_SEC
    best, second, _ = response.hits
    assert (best.camera, best.header.frame_id) == ("front", "front_optical")
    assert best.score > second.score
    assert best.z == pytest.approx((best.score - response.mean) / response.deviation, abs=1e-2)
    assert best.z > 4
    assert len(best.thumbnail.data) == 0


@pytest.mark.usefixtures("node")
def test_what_no_frame_shows_is_told_to_match_nothing(world: RosWorld) -> None:
    Camera(world).show_all(["green", "yellow"] * 12)
    wait_for_kept(world, 24)

    response = ask(world, text="blue", top_k=2)

    assert response.success
    assert response.nothing_matches
    assert response.message.startswith("nothing matches: the best frame scores")
    assert len(response.hits) == 2


@pytest.mark.usefixtures("node")
def test_wordings_are_averaged(world: RosWorld) -> None:
    Camera(world).show_all(GREENS_AND_BLUES)
    wait_for_kept(world, len(GREENS_AND_BLUES))

    several = ask(world, text="blue", texts=["something blue", "a blue car"], top_k=2)
    without_text = ask(world, texts=["blue", "something blue", "a blue car"], top_k=2)

    assert sorted(seconds(several)) == [120, 121]
    assert several.hits[0].score == without_text.hits[0].score
    assert several.hits[0].score != ask(world, text="blue", top_k=1).hits[0].score


@pytest.mark.usefixtures("node")
def test_a_picture_finds_its_like(world: RosWorld) -> None:
    Camera(world).show_all(GREENS_AND_A_RED)
    wait_for_kept(world, len(GREENS_AND_A_RED))

    response = ask(world, image=picture_message(solid_png("red")), top_k=1)

    assert seconds(response) == [RED_SEC]
    assert response.hits[0].score == pytest.approx(1.0, abs=1e-3)


def test_thumbnails_are_small_pictures_under_the_header_of_the_frame(
    world: RosWorld, vocabulary: str
) -> None:
    world.scene_clip(vocabulary=vocabulary, memory__thumbnail_height_px=60)
    Camera(world).show("red", 7, size_wh=(320, 180))
    wait_for_kept(world, 1)

    (hit,) = ask(world, text="red", thumbnails=True).hits

    picture = decode_compressed(hit.thumbnail.data)
    assert picture.shape == (60, 107, 3)
    np.testing.assert_allclose(picture.mean(axis=(0, 1)), COLOR_WORDS["red"], atol=8)
    assert hit.thumbnail.header == hit.header == Header(stamp=Time(sec=7), frame_id="front_optical")


def test_cameras_time_and_scores_are_filters(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(vocabulary=vocabulary, cameras=["front", "rear"])
    front, rear = Camera(world), Camera(world, "rear")
    front.show_all(["red", "green", "red", "green"])
    rear.show_all(["red", "blue", "blue", "blue"])
    wait_for_kept(world, 8)

    of_rear = ask(world, text="red", cameras=["rear"])
    of_the_end = ask(world, text="red", window_s=1.0, min_score=0.5)
    of_the_start = ask(world, text="red", end=Time(sec=101), window_s=1.5)
    apart = ask(world, text="red", cameras=["front"], min_gap_s=2.5, top_k=2)
    impossible = ask(world, text="red", min_score=0.999)

    assert {hit.camera for hit in of_rear.hits} == {"rear"}
    assert (of_rear.searched, seconds(of_rear)[0]) == (4, 100)
    assert [(hit.camera, hit.header.stamp.sec) for hit in of_the_end.hits] == [("front", 102)]
    assert sorted(seconds(of_the_start)) == [100, 100, 101, 101]
    assert sorted(seconds(apart)) in ([100, 103], [102])
    assert (len(impossible.hits), impossible.nothing_matches) == (0, True)


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        pytest.param({}, "text: expected a text, texts, or an image", id="nothing"),
        pytest.param({"text": "  "}, "expected texts with words", id="blank"),
        pytest.param({"texts": ["red", ""]}, "expected texts with words", id="blank wording"),
        pytest.param({"texts": ["red"] * 17}, "expected at most 16, got 17", id="many"),
        pytest.param({"text": "x" * 1001}, "at most 1000 characters, got 1001", id="long"),
        pytest.param({"text": "red", "top_k": 0}, "top_k: expected a whole number", id="none"),
        pytest.param({"text": "red", "top_k": 1001}, "in [1, 1000], got 1001", id="too many"),
        pytest.param({"text": "red", "window_s": -1.0}, "window_s: expected", id="window"),
        pytest.param({"text": "red", "window_s": float("nan")}, "window_s: expected", id="nan"),
        pytest.param({"text": "red", "min_gap_s": -1.0}, "min_gap_s: expected", id="gap"),
        pytest.param({"text": "red", "min_score": 2.0}, "min_score: expected", id="score"),
        pytest.param(
            {"text": "red", "cameras": ["moon"]}, "some of front, got 'moon'", id="camera"
        ),
        pytest.param({"image": picture_message(b"GIF89a")}, "expected JPEG or PNG", id="format"),
        pytest.param(
            {"image": picture_message(solid_png("red")[:-20])}, "truncated", id="truncated"
        ),
    ],
)
@pytest.mark.usefixtures("node")
def test_a_wrong_request_is_refused_with_the_reason_and_the_next_is_answered(
    world: RosWorld, request_fields: dict[str, Any], reason: str
) -> None:
    refused = ask(world, **request_fields)
    answered = ask(world, text="red")

    assert not refused.success
    assert reason in refused.message
    assert "\n" not in refused.message
    assert (answered.success, answered.message) == (True, "no frame is in memory")


@pytest.mark.usefixtures("node")
def test_a_picture_on_which_the_model_fails_is_refused(world: RosWorld) -> None:
    picture = encode_png(np.full((24, 32, 3), NAN_COLOR, np.uint8))

    response = ask(world, image=picture_message(picture))

    assert (response.success, response.message) == (False, "expected finite embeddings, got NaN")


def test_a_model_that_breaks_on_a_query_is_refused_and_the_next_is_answered(
    world: RosWorld, vocabulary: str
) -> None:
    world.scene_clip(BreakingEncoder(), vocabulary=vocabulary)

    broken = ask(world, text="broken")

    assert not broken.success
    assert broken.message == "query_frames failed: RuntimeError: out of memory"
    assert ask(world, text="red").success


@pytest.fixture
def feed(world: RosWorld, node: SceneClipNode) -> Feed:
    """Send a picture now and then, red or green, once the node is there."""
    assert node.count_subscribers("front/image") == 1

    def make(stamp_ns: int) -> Image:
        message = image("red" if stamp_ns // FEED_NS % 2 else "green", 0)
        message.header.stamp = time_message(stamp_ns)
        return message

    return Feed(world, Image, "front/image", make=make, period_s=FEED_NS / 1e9)


@pytest.mark.usefixtures("feed")
def test_queries_are_answered_while_frames_keep_coming(world: RosWorld) -> None:
    counts = [ask(world, text="red").searched for _ in range(10)]

    assert counts == sorted(counts)
    world.wait_until(lambda: ask(world, text="red").searched > counts[-1], "more frames")


@pytest.mark.usefixtures("feed")
def test_frames_are_labelled_while_a_query_takes_its_time(
    world: RosWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go = threading.Event(), threading.Event()

    def search_slowly(*args: Any, **options: Any) -> SearchOutcome:
        started.set()
        go.wait(TIMEOUT_S)
        return search(*args, **options)

    monkeypatch.setattr(frame_search, "search", search_slowly)
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")
    client = world.node.create_client(QueryFrames, SERVICE)
    world.wait_until(client.service_is_ready, "the service")

    answer = client.call_async(QueryFrames.Request(text="red"))
    world.wait_until(started.is_set, "the query")
    labels.messages.clear()
    labels.wait_count(5)
    was_open = not answer.done()
    go.set()
    world.wait_until(answer.done, "the answer")

    assert was_open
    assert answer.result().success


def test_a_flood_of_clients_is_refused_and_holds_up_nobody(
    world: RosWorld, vocabulary: str
) -> None:
    encoder = PacedEncoder()
    world.scene_clip(encoder, vocabulary=vocabulary, diagnostics__period_s=0.1)
    Camera(world).show("red", 1)
    wait_for_kept(world, 1)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    clients = [world.node.create_client(QueryFrames, SERVICE) for _ in range(4)]
    world.wait_until(lambda: all(it.service_is_ready() for it in clients), "the service")

    encoder.hold()
    world.publisher(Image, "front/image").publish(image("green", 2))
    world.wait_until(lambda: encoder.is_waiting, "the engine to be busy")
    requests = [QueryFrames.Request(text="never asked before") for _ in range(5)]
    answers = [client.call_async(request) for client in clients for request in requests]
    world.wait_until(
        lambda: sum(answer.done() for answer in answers) == len(answers) - MAX_QUERIES, "refusals"
    )
    reports.messages.clear()
    reports.wait_count(2)
    refused = [answer.result() for answer in answers if answer.done()]
    encoder.free()
    world.wait_until(lambda: all(answer.done() for answer in answers), "all answers")

    assert {(it.success, it.message) for it in refused} == {
        (
            False,
            f"expected at most {MAX_QUERIES} requests at a time, got one more: "
            "ask again when one has been answered",
        )
    }
    assert sum(answer.result().success for answer in answers) == MAX_QUERIES
    assert ask(world, text="red").success


@pytest.mark.usefixtures("node")
def test_stamps_that_jump_back_forget_what_came_before(world: RosWorld) -> None:
    camera = Camera(world)
    camera.show_all(["red", "green", "blue"], start=100)
    wait_for_kept(world, 3)

    camera.show("green", 50)
    wait_for_kept(world, 1)

    assert seconds(ask(world, text="red")) == [50]


def test_a_clock_that_jumps_back_forgets_every_camera(world: RosWorld, vocabulary: str) -> None:
    node = world.scene_clip(vocabulary=vocabulary, use_sim_time=True, cameras=["front", "rear"])
    clock = world.publisher(Clock, "/clock")
    clock.publish(Clock(clock=Time(sec=100)))
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 100 * 10**9, "the clock")
    Camera(world).show("red", 100)
    Camera(world, "rear").show("red", 100)
    wait_for_kept(world, 2)

    clock.publish(Clock(clock=Time(sec=50)))

    wait_for_kept(world, 0)
    assert ask(world, text="red").message == "no frame is in memory"


def test_frames_on_their_way_when_the_clock_jumps_back_are_not_kept(
    world: RosWorld, vocabulary: str
) -> None:
    encoder = PacedEncoder()
    node = world.scene_clip(
        encoder,
        vocabulary=vocabulary,
        use_sim_time=True,
        cameras=["front", "left", "rear"],
        diagnostics__period_s=0.1,
    )
    clock = world.publisher(Clock, "/clock")
    clock.publish(Clock(clock=Time(sec=100)))
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 100 * 10**9, "the clock")
    labels = {
        camera: world.inbox(SceneLabels, f"{camera}/scene_clip/labels")
        for camera in ("front", "left")
    }
    images = {camera: world.publisher(Image, f"{camera}/image") for camera in labels}
    reports = world.inbox(DiagnosticArray, "/diagnostics")

    encoder.hold()
    images["front"].publish(image("red", 100))
    world.wait_until(lambda: encoder.is_waiting, "a frame in the engine")
    images["left"].publish(image("red", 100, camera="left"))
    reports.wait_for(
        lambda it: values_of(it, "camera left").get("received") == "1", "a frame before the engine"
    )
    clock.publish(Clock(clock=Time(sec=50)))
    world.wait_until(lambda: node.get_clock().now().nanoseconds == 50 * 10**9, "the jump")
    encoder.free()
    for inbox in labels.values():
        inbox.wait_count(1)
    Camera(world, "rear").show("green", 50)

    wait_for_kept(world, 1)
    assert seconds(ask(world, text="red")) == [50]


@pytest.mark.usefixtures("node")
def test_a_memory_that_is_switched_off_says_so_and_forgets(world: RosWorld) -> None:
    camera = Camera(world)
    camera.show("red", 1)
    wait_for_kept(world, 1)

    switch(world, "memory", enabled=False)
    camera.show("red", 2)
    off = ask(world, text="red")
    switch(world, "memory", enabled=True)
    on_again = ask(world, text="red")
    camera.show("red", 3)
    wait_for_kept(world, 1)

    assert not off.success
    assert off.message == "expected the function memory to be on, got it switched off"
    assert (on_again.success, on_again.searched) == (True, 0)
    assert seconds(ask(world, text="red")) == [3]


def test_a_node_that_never_remembered_leaves_the_service_to_others(
    world: RosWorld, vocabulary: str
) -> None:
    world.scene_clip(vocabulary=vocabulary, memory__enabled=False)
    camera = Camera(world)
    camera.show("red", 1)
    names = {name for name, _ in world.node.get_service_names_and_types()}
    switch(world, "memory", enabled=True)
    camera.show("red", 2)
    wait_for_kept(world, 1)

    assert f"/{SERVICE}" not in names
    assert seconds(ask(world, text="red")) == [2]


def test_frames_are_kept_while_nothing_else_needs_them(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(
        vocabulary=vocabulary,
        labels__enabled=False,
        embedding__enabled=False,
        boxes__enabled=False,
        alert__enabled=False,
    )
    world.publisher(Image, "front/image").publish(image("red", 5))
    wait_for_kept(world, 1)

    assert seconds(ask(world, text="red")) == [5]


def test_near_duplicates_are_passed_over_and_counted(world: RosWorld, vocabulary: str) -> None:
    world.scene_clip(vocabulary=vocabulary, memory__max_gap_s=2.5, diagnostics__period_s=0.2)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    Camera(world).show_all(["red", "red", "red", "red", "green"])
    wait_for_kept(world, 3)

    report = reports.wait_for_new(lambda it: memory_of(it)["frames"] == "3", "a report")

    assert memory_of(report)["near-duplicates"] == "2"
    assert memory_of(report)["oldest frame (stamp, s)"] == "100.000"
    assert memory_of(report)["span (s)"] == "4.00"
    assert float(memory_of(report)["size (MB)"]) > 0


@pytest.mark.usefixtures("node")
def test_settings_take_effect_while_running(world: RosWorld) -> None:
    camera = Camera(world)
    camera.show_all(["green", "yellow"] * 12)
    wait_for_kept(world, 24)

    strict = ask(world, text="something")
    lenient = world.set_parameter("scene_clip", "memory.min_lead", 0.0)
    easily_pleased = ask(world, text="something")
    short = world.set_parameter("scene_clip", "memory.max_age_s", 2.0)
    camera.show("green", 124)
    wait_for_kept(world, 3)
    fixed = world.set_parameter("scene_clip", "memory.max_frames", 5)

    assert lenient.successful, lenient.reason
    assert short.successful, short.reason
    assert not fixed.successful
    assert (strict.nothing_matches, easily_pleased.nothing_matches) == (True, False)


def values_of(report: DiagnosticArray, part: str) -> dict[str, str]:
    """Return what is reported of a part of the node; nothing if that is not in the report."""
    values = {status.name: status.values for status in report.status}
    return {item.key: item.value for item in values.get(f"scene_clip: {part}", ())}


def memory_of(report: DiagnosticArray) -> dict[str, str]:
    return {"frames": "", **values_of(report, "memory")}


def test_a_large_jpeg_is_asked_with(world: RosWorld, node: SceneClipNode) -> None:
    Camera(world).show_all(GREENS_AND_A_RED)
    wait_for_kept(world, len(GREENS_AND_A_RED))
    assert node.count_subscribers("front/image") == 1
    picture = np.full((720, 1280, 3), COLOR_WORDS["red"][::-1], np.uint8)
    data = cv2.imencode(".jpg", picture)[1].tobytes()

    assert seconds(ask(world, image=picture_message(data, format="jpeg"), top_k=1)) == [RED_SEC]
