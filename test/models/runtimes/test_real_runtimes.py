"""OpenVINO and ONNX Runtime on exported networks with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_clip import TINY, TINY_CONVOLUTIONS, TINY_SIGMOID, write_model
from torch import nn

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.open_clip_encoder import OpenClipEncoder, load_open_clip
from scene_clip_ros.models.runtimes.network_cache import MAX_NETWORKS, NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network, export_onnx
from scene_clip_ros.models.runtimes.onnx_runtime import OnnxRuntime
from scene_clip_ros.models.runtimes.openvino_runtime import OpenVinoRuntime
from scene_clip_ros.models.runtimes.session import Runtime

RUNTIMES = [OpenVinoRuntime(), OnnxRuntime()]
TEXTS = ["a wet road at night", "a person crossing the street", "snow"]

installed = pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)


def skip_unless_installed(runtime: Runtime) -> None:
    if not runtime.version:
        pytest.skip(f"{runtime.name} is not installed")


def pictures(count: int) -> list[ImageArray]:
    generator = np.random.default_rng(3)
    coarse = generator.integers(0, 256, (count, 5, 8, 3), np.uint8)
    return [np.kron(each, np.ones((40, 40, 1), np.uint8)) for each in coarse]


def cosines(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    return np.asarray((ours * theirs).sum(axis=1))


class Sums(nn.Module):
    """Two inputs, two outputs."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return a + b, (a * b).sum(dim=1)


@installed
def test_network_with_any_batch_runs_as_it_was_written(runtime: Runtime, tmp_path: Path) -> None:
    skip_unless_installed(runtime)
    example = (torch.zeros(2, 3), torch.zeros(2, 3))
    network = Network("sums", Sums().eval(), example, ("a", "b"), ("sum", "product"))
    export_onnx(network, tmp_path / "sums.onnx")
    session = runtime.load(tmp_path / "sums.onnx", device="cpu", precision="fp32", cache=tmp_path)

    for count in (1, 5, 2):
        a = np.arange(count * 3, dtype=np.float32).reshape(count, 3)
        total, product = session.run(a, a + 1)
        np.testing.assert_allclose(total, 2 * a + 1)
        np.testing.assert_allclose(product, (a * (a + 1)).sum(axis=1))


@installed
def test_file_that_is_no_network_is_named(runtime: Runtime, tmp_path: Path) -> None:
    skip_unless_installed(runtime)
    (tmp_path / "broken.onnx").write_bytes(b"no network at all")
    with pytest.raises(ModelError, match=r"broken\.onnx: expected a network that"):
        runtime.load(tmp_path / "broken.onnx", device="cpu", precision="fp32", cache=tmp_path)


@installed
@pytest.mark.parametrize(
    "config", [TINY, TINY_SIGMOID, TINY_CONVOLUTIONS], ids=["clip", "sigmoid", "convolutions"]
)
def test_embeddings_equal_those_of_torch(runtime: Runtime, config: dict, tmp_path: Path) -> None:
    skip_unless_installed(runtime)
    path = str(write_model(tmp_path, config))
    cache = NetworkCache(tmp_path / "cache")
    reference = load_open_clip(path, device="cpu", precision="fp32")

    encoder = load_open_clip(
        path, device="cpu", precision="fp32", backend=runtime.name, cache=cache
    )

    assert encoder.info.backend == runtime.name
    assert runtime.version in encoder.info.backend_reason
    for count in (1, 3):
        ours, theirs = (each.encode_images(pictures(count)) for each in (encoder, reference))
        assert cosines(ours, theirs).min() > 0.9999
    ours, theirs = (each.encode_texts(TEXTS) for each in (encoder, reference))
    assert cosines(ours, theirs).min() > 0.9999
    assert encoder.encode_images([]).shape == (0, 32)


def test_bf16_is_near_enough(tmp_path: Path) -> None:
    skip_unless_installed(RUNTIMES[0])
    path = str(write_model(tmp_path))
    cache = NetworkCache(tmp_path / "cache")
    reference = load_open_clip(path, device="cpu", precision="fp32")
    encoder = load_open_clip(path, device="cpu", precision="bf16", backend="openvino", cache=cache)
    ours, theirs = (each.encode_images(pictures(3)) for each in (encoder, reference))
    assert cosines(ours, theirs).min() >= 0.999


def test_int8_changes_embeddings_a_little_and_shrinks_the_file(tmp_path: Path) -> None:
    skip_unless_installed(RUNTIMES[1])
    path = str(write_model(tmp_path))
    reference = load_open_clip(path, device="cpu", precision="fp32")

    encoder = load_open_clip(
        path,
        device="cpu",
        precision="int8",
        backend="auto",
        cache=NetworkCache(tmp_path / "cache"),
    )

    assert (encoder.info.backend, encoder.info.precision) == ("onnxruntime", "int8")
    ours, theirs = (each.encode_images(pictures(3)) for each in (encoder, reference))
    assert 0.99 <= cosines(ours, theirs).min() < 1 - 1e-7
    [small] = (tmp_path / "cache").rglob("*.int8.onnx")
    whole = small.parents[1] / "network.onnx"
    assert small.stat().st_size < 0.7 * whole.stat().st_size


def test_second_load_exports_nothing(tmp_path: Path) -> None:
    skip_unless_installed(RUNTIMES[0])
    path = str(write_model(tmp_path))
    cache = NetworkCache(tmp_path / "cache")

    def load() -> OpenClipEncoder:
        return load_open_clip(path, device="cpu", backend="auto", cache=cache)

    first = load()
    written = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("network.onnx")}
    second = load()

    assert written
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("network.onnx")} == written
    assert first.info.backend == second.info.backend
    np.testing.assert_array_equal(
        first.encode_images(pictures(2)), second.encode_images(pictures(2))
    )


def test_cache_keeps_the_networks_used_last(tmp_path: Path) -> None:
    cache = NetworkCache(tmp_path)
    for number in range(MAX_NETWORKS + 3):
        network = Network(str(number), Sums(), (), (), ())
        with cache.opened(network) as folder:
            folder.take_note("number", str(number))

    assert len(list(tmp_path.iterdir())) == MAX_NETWORKS
    with cache.opened(Network(str(MAX_NETWORKS + 2), Sums(), (), (), ())) as folder:
        assert folder.note("number") == str(MAX_NETWORKS + 2)
    with cache.opened(Network("0", Sums(), (), (), ())) as folder:
        assert folder.note("number") is None
