"""A disk that is full, and a cache that cannot be written; with the embedded model."""

from __future__ import annotations

import resource

from colour_camera import ColourCamera
from fault_bench import FaultBench
from fault_table import FaultRow
from node_process import RUNTIME, NodeProcess

from scene_clip_ros.srv import SetVocabulary

FULL_DISK = f"""
import resource
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, most))
{RUNTIME}"""
"""No file can have more bytes than there is room, temporary ones included."""

ROOM_BYTES = 16_384
"""For the configuration of a model, which open_clip reads from a file; not for what is cached."""

NOT_IN_FILES = {"FASTDDS_BUILTIN_TRANSPORTS": "UDPv4"}
"""DDS's shared memory is made of files."""


def change_vocabulary(bench: FaultBench, query: str) -> None:
    request = SetVocabulary.Request(query=query, labels=[f"a {query}"])
    response = bench.world.call(SetVocabulary, "scene_clip/set_vocabulary", request)
    assert response.success, response.message


def wait_for_labels(bench: FaultBench, node: NodeProcess) -> None:
    """Wait for labels of the embedded model, which are not about colours."""
    node.wait_until_said("cameras: ")
    camera = ColourCamera(bench.world)

    def is_labelled() -> bool:
        camera.send(camera.make()[1])
        return bool(camera.labels.messages)

    bench.world.wait_until(is_labelled, "a label")


def test_where_there_is_no_room_even_for_temporary_files_start_up_ends_with_one_line(
    bench: FaultBench,
) -> None:
    node = bench.start_process(FULL_DISK.replace("ROOM", "0"), **NOT_IN_FILES)

    assert node.wait() == 1
    assert node.said.startswith("error: ")
    assert "No usable temporary directory" in node.said
    assert len(node.said.splitlines()) == 1
    bench.tell(
        FaultRow(
            fault="The disk is full when the node starts",
            sent="a limit of 0 bytes for every file, temporary ones included",
            times=1,
            happened="PyTorch cannot be imported: one line says so, status 1",
            recovery="by starting again, see the row of restarts",
        )
    )


def test_a_full_disk_costs_time_and_nothing_else(bench: FaultBench) -> None:
    node = bench.start_process(FULL_DISK.replace("ROOM", str(ROOM_BYTES)), **NOT_IN_FILES)
    wait_for_labels(bench, node)
    change_vocabulary(bench, "zebra")
    cache = bench.folder / "cache"
    kept_while_full = list(cache.glob("texts-*"))

    _, most = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (most, most))
    change_vocabulary(bench, "llama")

    assert not kept_while_full
    assert node.is_running
    assert "Traceback" not in node.said, node.said
    assert "cannot keep" in node.said
    assert list(cache.glob("texts-*.npz"))
    bench.tell(
        FaultRow(
            fault="The disk is full while the node runs",
            sent=f"a limit of {ROOM_BYTES} bytes for every file from the start on, lifted later",
            times=1,
            happened="a warning; models, labels and a change of the vocabulary as ever, and no "
            "half-written embeddings",
            recovery="the next change of the vocabulary was kept again",
        )
    )


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(bench: FaultBench) -> None:
    node = bench.start_process(RUNTIME, SCENE_CLIP_CACHE="/proc/scene_clip")
    wait_for_labels(bench, node)
    change_vocabulary(bench, "zebra")

    assert node.is_running
    assert "Traceback" not in node.said, node.said
    assert "cannot keep" in node.said
    bench.tell(
        FaultRow(
            fault="The cache cannot be written",
            sent="a cache in a folder where nothing can be made",
            times=1,
            happened="a warning; models, labels and a change of the vocabulary as ever",
            recovery="nothing to recover from",
        )
    )
