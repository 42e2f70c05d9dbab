"""Raw images of every encoding become RGB exactly as OpenCV converts them."""

from __future__ import annotations

import array
import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.encodings import PIXEL_FORMATS, decode_raw

CONVERSIONS: dict[str, int | None] = {
    "rgb8": None,
    "bgr8": cv2.COLOR_BGR2RGB,
    "rgba8": cv2.COLOR_RGBA2RGB,
    "bgra8": cv2.COLOR_BGRA2RGB,
    "rgb16": None,
    "bgr16": cv2.COLOR_BGR2RGB,
    "rgba16": cv2.COLOR_RGBA2RGB,
    "bgra16": cv2.COLOR_BGRA2RGB,
    "mono8": cv2.COLOR_GRAY2RGB,
    "mono16": cv2.COLOR_GRAY2RGB,
    "8UC1": cv2.COLOR_GRAY2RGB,
    "8UC3": cv2.COLOR_BGR2RGB,
    "8UC4": cv2.COLOR_BGRA2RGB,
    "yuv422": cv2.COLOR_YUV2RGB_UYVY,
    "uyvy": cv2.COLOR_YUV2RGB_UYVY,
    "yuv422_yuy2": cv2.COLOR_YUV2RGB_YUYV,
    "yuyv": cv2.COLOR_YUV2RGB_YUYV,
    "nv12": cv2.COLOR_YUV2RGB_NV12,
    "nv21": cv2.COLOR_YUV2RGB_NV21,
    # OpenCV names a Bayer pattern by the second and third pixel of its second row.
    "bayer_rggb8": cv2.COLOR_BayerBG2RGB,
    "bayer_bggr8": cv2.COLOR_BayerRG2RGB,
    "bayer_gbrg8": cv2.COLOR_BayerGR2RGB,
    "bayer_grbg8": cv2.COLOR_BayerGB2RGB,
    "bayer_rggb16": cv2.COLOR_BayerBG2RGB,
    "bayer_bggr16": cv2.COLOR_BayerRG2RGB,
    "bayer_gbrg16": cv2.COLOR_BayerGR2RGB,
    "bayer_grbg16": cv2.COLOR_BayerGB2RGB,
}
"""Every encoding and OpenCV's own way to RGB."""

CHANNELS = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "8UC3": 3, "8UC4": 4}
TWO_CHANNELS = ("yuv422", "uyvy", "yuv422_yuy2", "yuyv")
SEMI_PLANAR = ("nv12", "nv21")


def sample_shape(encoding: str, width: int, height: int) -> tuple[int, ...]:
    """Return the shape of an encoding's samples in memory."""
    if encoding in SEMI_PLANAR:
        return (height * 3 // 2, width)
    channels = 2 if encoding in TWO_CHANNELS else CHANNELS.get(encoding.rstrip("168"), 0)
    channels = CHANNELS.get(encoding, channels)
    return (height, width, channels) if channels else (height, width)


def random_samples(encoding: str, *, width: int, height: int, seed: int) -> np.ndarray:
    """Build random samples of an encoding, uint8 or uint16."""
    dtype = np.uint16 if encoding.endswith("16") else np.uint8
    shape = sample_shape(encoding, width, height)
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def pad_rows(samples: np.ndarray, *, padding: int) -> tuple[bytes, int]:
    """Lay out samples with rows of padding noise; return the data and its step in bytes."""
    rows = np.frombuffer(samples.tobytes(), np.uint8).reshape(samples.shape[0], -1)
    noise = np.full((rows.shape[0], padding), 0xAB, np.uint8)
    return np.hstack([rows, noise]).tobytes(), rows.shape[1] + padding


def opencv_rgb(encoding: str, samples: np.ndarray) -> ImageArray:
    """Convert samples with OpenCV alone."""
    if samples.dtype == np.uint16:
        samples = cv2.convertScaleAbs(samples, alpha=255 / 65535)
    code = CONVERSIONS[encoding]
    return samples if code is None else cv2.cvtColor(samples, code)


def test_every_supported_encoding_is_compared_with_opencv() -> None:
    assert set(CONVERSIONS) == set(PIXEL_FORMATS)


@pytest.mark.parametrize("encoding", CONVERSIONS)
@given(
    half_width=st.integers(2, 20),
    half_height=st.integers(2, 20),
    padding=st.integers(0, 17),
    surplus=st.integers(0, 9),
    is_bigendian=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=15, deadline=None)
def test_decoding_equals_opencv_whatever_the_padding_and_byte_order(
    *,
    encoding: str,
    half_width: int,
    half_height: int,
    padding: int,
    surplus: int,
    is_bigendian: bool,
    seed: int,
) -> None:
    width, height = 2 * half_width, 2 * half_height
    samples = random_samples(encoding, width=width, height=height, seed=seed)
    swapped = samples.byteswap() if is_bigendian == (sys.byteorder == "little") else samples
    data, step = pad_rows(swapped, padding=padding)
    rgb = decode_raw(
        data + bytes(surplus),
        encoding=encoding,
        width=width,
        height=height,
        step=step,
        is_bigendian=is_bigendian,
    )
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    np.testing.assert_array_equal(rgb, opencv_rgb(encoding, samples))


@pytest.mark.parametrize("encoding", ["rgb8", "mono8", "mono16", "bayer_rggb8"])
@given(st.integers(3, 9), st.integers(3, 9))
@settings(max_examples=15, deadline=None)
def test_odd_sizes_decode_where_the_encoding_has_them(
    encoding: str, width: int, height: int
) -> None:
    samples = random_samples(encoding, width=width, height=height, seed=width * 31 + height)
    data, step = pad_rows(samples, padding=1)
    rgb = decode_raw(data, encoding=encoding, width=width, height=height, step=step)
    np.testing.assert_array_equal(rgb, opencv_rgb(encoding, samples))


@pytest.mark.parametrize(
    ("encoding", "pattern"),
    [
        ("bayer_rggb8", "RGGB"),
        ("bayer_bggr8", "BGGR"),
        ("bayer_gbrg8", "GBRG"),
        ("bayer_grbg8", "GRBG"),
    ],
)
@pytest.mark.parametrize("colour", [(250, 0, 0), (0, 250, 0), (0, 0, 250), (200, 100, 50)], ids=str)
def test_bayer_pattern_of_one_colour_demosaics_to_it(
    encoding: str, pattern: str, colour: tuple[int, int, int]
) -> None:
    tile = np.array([colour["RGB".index(letter)] for letter in pattern], np.uint8).reshape(2, 2)
    mosaic = np.tile(tile, (4, 4))
    rgb = decode_raw(mosaic.tobytes(), encoding=encoding, width=8, height=8, step=8)
    np.testing.assert_array_equal(rgb, np.broadcast_to(np.array(colour, np.uint8), (8, 8, 3)))


@pytest.mark.parametrize(
    ("encoding", "data", "width"),
    [
        pytest.param("uyvy", bytes([90, 81, 240, 81]) * 4, 2, id="uyvy"),
        pytest.param("yuyv", bytes([81, 90, 81, 240]) * 4, 2, id="yuyv"),
        pytest.param("nv12", bytes([81] * 8 + [90, 240] * 2), 2, id="nv12"),
        pytest.param("nv21", bytes([81] * 8 + [240, 90] * 2), 2, id="nv21"),
    ],
)
def test_pure_red_in_yuv_decodes_to_red(encoding: str, data: bytes, width: int) -> None:
    step = width * (2 if encoding in TWO_CHANNELS else 1)
    rgb = decode_raw(data, encoding=encoding, width=width, height=4, step=step)
    np.testing.assert_allclose(rgb.astype(int), np.broadcast_to([255, 0, 0], (4, 2, 3)), atol=2)


def test_contiguous_rgb8_is_a_view_of_the_data() -> None:
    data = bytearray(4 * 6 * 3)
    rgb = decode_raw(data, encoding="rgb8", width=6, height=4, step=18)
    data[0] = 77
    assert rgb[0, 0, 0] == 77


def test_encoding_is_taken_in_any_case() -> None:
    rgb = decode_raw(bytes(range(12)), encoding="BGR8", width=2, height=2, step=6)
    assert rgb[0, 0].tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    "wrap",
    [
        bytes,
        bytearray,
        memoryview,
        lambda data: array.array("B", data),
        lambda data: np.frombuffer(data, np.uint8),
        lambda data: memoryview(b"\0" + data)[1:],
    ],
    ids=["bytes", "bytearray", "memoryview", "array", "numpy", "unaligned"],
)
@pytest.mark.parametrize("encoding", ["rgb8", "mono16", "nv12"])
def test_any_buffer_is_accepted(wrap: Callable[[bytes], bytes], encoding: str) -> None:
    samples = random_samples(encoding, width=8, height=4, seed=1)
    data, step = pad_rows(samples, padding=0)
    rgb = decode_raw(wrap(data), encoding=encoding, width=8, height=4, step=step)
    np.testing.assert_array_equal(rgb, opencv_rgb(encoding, samples))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {"step": 11}, "step of at least 12 bytes for 4 pixels of rgb8, got 11", id="step-short"
        ),
        pytest.param(
            {"step": 0}, "step of at least 12 bytes for 4 pixels of rgb8, got 0", id="step-zero"
        ),
        pytest.param(
            {"step": 13}, r"expected 52 bytes .* \(4 rows of 13 bytes\), got 48", id="step-long"
        ),
        pytest.param(
            {"data": bytes(47)},
            "expected 48 bytes of data for 4x4 rgb8 .*, got 47",
            id="data-short",
        ),
        pytest.param({"data": b""}, "expected 48 bytes of data .*, got 0", id="data-empty"),
        pytest.param({"width": 0}, "sides of 1 to 16384 pixels, got 0x4", id="width-zero"),
        pytest.param({"height": 0}, "sides of 1 to 16384 pixels, got 4x0", id="height-zero"),
        pytest.param(
            {"height": 2**32 - 1},
            "sides of 1 to 16384 pixels, got 4x4294967295",
            id="height-absurd",
        ),
        pytest.param(
            {"step": 2**32 - 1}, "expected 17179869180 bytes of data .*, got 48", id="step-absurd"
        ),
        pytest.param({"encoding": "rgb9"}, "rgb8.*got 'rgb9'", id="encoding-unknown"),
        pytest.param({"encoding": ""}, "got ''", id="encoding-empty"),
        pytest.param({"encoding": "32FC1"}, "got '32FC1'", id="depth"),
        pytest.param(
            {"encoding": "yuyv", "width": 3}, "an even width for yuyv, got 3x4", id="yuyv-odd-width"
        ),
        pytest.param(
            {"encoding": "nv12", "height": 3},
            "an even height for nv12, got 4x3",
            id="nv12-odd-height",
        ),
        pytest.param(
            {"encoding": "nv12", "step": 12, "data": bytes(48)},
            r"expected 72 bytes .* \(6 rows of 12 bytes\), got 48",
            id="nv12-without-chroma",
        ),
        pytest.param(
            {"encoding": "bayer_rggb8", "height": 2},
            "sides of at least 3 pixels for bayer_rggb8, got 4x2",
            id="bayer-too-small",
        ),
        pytest.param(
            {"encoding": "mono16", "step": 7}, "at least 8 bytes for 4 pixels", id="mono16-step"
        ),
        pytest.param({"data": [0] * 48}, "contiguous buffer of bytes, got list", id="no-buffer"),
        pytest.param(
            {"data": np.zeros((4, 24), np.uint8)[:, ::2]}, "got ndarray", id="not-contiguous"
        ),
    ],
)
def test_malformed_image_is_refused_with_the_reason(
    changed: dict[str, object], expected: str
) -> None:
    image: dict[str, object] = {
        "data": bytes(48),
        "encoding": "rgb8",
        "width": 4,
        "height": 4,
        "step": 12,
    }
    image |= changed
    with pytest.raises(ImageError, match=expected):
        decode_raw(image.pop("data"), **image)  # type: ignore[arg-type]
