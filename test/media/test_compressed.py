"""Compressed images become RGB, and anything incomplete is refused."""

from __future__ import annotations

import array
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg, encode_png


def gradient(width: int = 48, height: int = 32) -> ImageArray:
    """Build an RGB picture whose channels differ everywhere."""
    rows, columns = np.mgrid[0:height, 0:width]
    channels = (rows * 255 // height, columns * 255 // width, (rows + columns) % 256)
    return np.stack(channels, axis=-1).astype(np.uint8)


def encode(suffix: str, pixels: np.ndarray, *options: int) -> bytes:
    """Encode pixels in OpenCV's channel order."""
    done, encoded = cv2.imencode(suffix, pixels, list(options))
    assert done
    return encoded.tobytes()


def png_header(width: int, height: int) -> bytes:
    """Build a PNG that claims a size and carries nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_png_round_trip_is_lossless(width: int, height: int, seed: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decode_compressed(encode_png(rgb)), rgb)


def test_jpeg_keeps_colours_in_rgb_order() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 255
    decoded = decode_compressed(encode_jpeg(red, quality=95), format="rgb8; jpeg compressed bgr8")
    assert decoded[8, 8, 0] > 240
    assert decoded[8, 8, 1:].max() < 15


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="baseline"),
        pytest.param((cv2.IMWRITE_JPEG_PROGRESSIVE, 1), id="progressive"),
        pytest.param((cv2.IMWRITE_JPEG_RST_INTERVAL, 1), id="restart-markers"),
        pytest.param((cv2.IMWRITE_JPEG_OPTIMIZE, 1), id="optimised"),
    ],
)
def test_every_kind_of_jpeg_decodes_as_opencv_does(options: tuple[int, ...]) -> None:
    data = encode(".jpg", gradient(), *options)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(decode_compressed(data), expected)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_grey_picture_becomes_rgb(suffix: str) -> None:
    grey = gradient()[..., 0]
    decoded = decode_compressed(encode(suffix, grey))
    assert decoded.shape == (*grey.shape, 3)
    np.testing.assert_array_equal(decoded[..., 0], decoded[..., 2])
    np.testing.assert_allclose(decoded[..., 0].astype(int), grey, atol=4)


def test_16_bit_png_keeps_the_upper_byte() -> None:
    grey = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(decode_compressed(encode(".png", grey))[..., 1], grey >> 8)


def test_alpha_of_png_is_dropped() -> None:
    bgra = np.dstack([gradient()[..., ::-1], np.full((32, 48), 128, np.uint8)])
    np.testing.assert_array_equal(decode_compressed(encode(".png", bgra)), gradient())


@pytest.mark.parametrize(
    "wrap",
    [
        bytearray,
        memoryview,
        lambda data: array.array("B", data),
        lambda data: np.frombuffer(data, np.uint8),
    ],
    ids=["bytearray", "memoryview", "array", "numpy"],
)
def test_any_buffer_is_accepted(wrap: Callable[[bytes], bytes]) -> None:
    np.testing.assert_array_equal(decode_compressed(wrap(encode_png(gradient()))), gradient())


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_truncation_is_refused(suffix: str, data: st.DataObject) -> None:
    whole = encode(suffix, gradient())
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ImageError):
        decode_compressed(whole[:end])


def test_truncated_jpeg_with_a_whole_thumbnail_is_refused() -> None:
    thumbnail = encode(".jpg", gradient(8, 8))
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    picture = encode(".jpg", gradient())
    whole = picture[:2] + segment + picture[2:]
    assert decode_compressed(whole).shape == (32, 48, 3)
    with pytest.raises(ImageError, match="truncated"):
        decode_compressed(whole[:-200])


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_padding_after_the_end_is_ignored(suffix: str) -> None:
    data = encode(suffix, gradient())
    np.testing.assert_array_equal(decode_compressed(data + bytes(64)), decode_compressed(data))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
@settings(max_examples=200, deadline=None)
def test_noise_never_raises_anything_but_image_error(noise: bytes, magic: bytes) -> None:
    with pytest.raises(ImageError):
        decode_compressed(magic + noise)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", "expected JPEG or PNG data, got b''", id="empty"),
        pytest.param(b"GIF89a....", "got b'GIF89a..' \\(format 'gif'\\)", id="gif"),
        pytest.param(png_header(20_000, 4), "got 20000x4", id="side-out-of-bounds"),
        pytest.param(
            png_header(16_384, 16_384), "at most .* pixels, got 16384x16384", id="too-many-pixels"
        ),
        pytest.param(png_header(0, 4), "got 0x4", id="zero-size"),
        pytest.param(png_header(4, 4), "4x4 PNG picture, got one that cannot", id="no-pixels"),
        pytest.param(b"\xff\xd8\xff\xd9", "frame header", id="jpeg-without-frame"),
    ],
)
def test_malformed_data_is_refused_with_the_reason(data: bytes, expected: str) -> None:
    with pytest.raises(ImageError, match=expected):
        decode_compressed(data, format="gif")


def with_jpeg_size(data: bytes, *, width: int, height: int) -> bytes:
    """Have a baseline JPEG claim a size."""
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def test_a_jpeg_that_claims_two_sizes_is_refused() -> None:
    whole = encode(".jpg", gradient())
    begin = whole.index(b"\xff\xc0")
    (length,) = struct.unpack_from(">H", whole, begin + 2)
    header = whole[begin : begin + 2 + length]
    end = whole.rindex(b"\xff\xd9")

    with pytest.raises(ImageError, match="expected a JPEG picture with one frame header"):
        decode_compressed(whole[:end] + header + whole[end:])


@pytest.mark.parametrize(
    "data",
    [
        with_jpeg_size(encode(".jpg", gradient()), width=8192, height=8192),
        png_header(8192, 8192),
    ],
    ids=["jpeg", "png"],
)
def test_a_size_that_so_little_data_cannot_fill_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"at least \d+ bytes of data for a picture of 8192x8192"):
        decode_compressed(data)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jpg", (cv2.IMWRITE_JPEG_OPTIMIZE, 1)),
        (".jpg", (cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
        (".png", (cv2.IMWRITE_PNG_COMPRESSION, 9)),
        (".png", (cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_BILEVEL, 1)),
    ],
    ids=["jpeg", "progressive", "png", "png of one bit"],
)
def test_a_flat_picture_may_be_as_small_as_its_format_allows(
    suffix: str, options: tuple[int, ...]
) -> None:
    flat = np.zeros((4096, 2048), np.uint8)

    decoded = decode_compressed(encode(suffix, flat, cv2.IMWRITE_JPEG_QUALITY, 1, *options))

    assert decoded.shape == (4096, 2048, 3)
    assert decoded.max() <= 1


def test_list_is_refused_as_no_buffer() -> None:
    with pytest.raises(ImageError, match="buffer of bytes, got list"):
        decode_compressed([255, 216])  # type: ignore[arg-type]


def test_a_small_jpeg_can_be_made_smaller() -> None:
    rgb = np.tile(np.arange(96, dtype=np.uint8)[None, :, None], (54, 1, 3))

    smallest = encode_jpeg(rgb, quality=60, smallest=True)

    assert len(smallest) < len(encode_jpeg(rgb, quality=60)) - 200
    np.testing.assert_array_equal(
        decode_compressed(smallest), decode_compressed(encode_jpeg(rgb, quality=60))
    )


def smooth(width: int, height: int) -> ImageArray:
    """Build a picture that looks the same at every size."""
    v, u = np.mgrid[0:height, 0:width] / max(width, height)
    return (np.stack([u, v, 1 - u], axis=-1) * 255).astype(np.uint8)


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Add an EXIF segment that says how the picture is to be turned."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize(
    ("size_wh", "min_side", "expected_wh"),
    [
        pytest.param((640, 360), None, (640, 360), id="in full"),
        pytest.param((640, 360), 360, (640, 360), id="just large enough"),
        pytest.param((640, 360), 181, (640, 360), id="a half would be too small"),
        pytest.param((640, 360), 180, (320, 180), id="half"),
        pytest.param((360, 640), 90, (90, 160), id="a quarter, upright"),
        pytest.param((640, 360), 1, (80, 45), id="an eighth at most"),
        pytest.param((645, 365), 90, (162, 92), id="rounded up"),
        pytest.param((1, 1), 8, (1, 1), id="smaller than that"),
    ],
)
@pytest.mark.parametrize("channels", [3, 1], ids=["colour", "grey"])
def test_a_jpeg_is_reduced_as_far_as_is_good_enough(
    size_wh: tuple[int, int], min_side: int | None, expected_wh: tuple[int, int], channels: int
) -> None:
    pixels = smooth(*size_wh)
    data = encode(".jpg", pixels if channels == 3 else pixels[..., 0])
    decoded = decode_compressed(data, min_side=min_side)
    assert decoded.shape == (expected_wh[1], expected_wh[0], 3)
    assert decoded.flags.c_contiguous


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_a_reduced_jpeg_is_never_smaller_than_asked_for(
    width: int, height: int, min_side: int
) -> None:
    decoded = decode_compressed(encode_jpeg(smooth(width, height)), min_side=min_side)
    assert min(decoded.shape[:2]) >= min(min_side, width, height)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("min_side", [1, 30, 60])
def test_a_reduced_jpeg_is_upright_and_shows_the_same(orientation: int, min_side: int) -> None:
    data = with_orientation(encode_jpeg(smooth(240, 160), quality=95), orientation)
    full, reduced = decode_compressed(data), decode_compressed(data, min_side=min_side)
    assert full.shape == ((240, 160, 3) if orientation >= 5 else (160, 240, 3))
    assert min(reduced.shape[:2]) < 160
    height, width = reduced.shape[:2]
    expected = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(reduced.astype(int), expected, atol=6)


def test_a_png_is_never_reduced() -> None:
    rgb = gradient()
    np.testing.assert_array_equal(decode_compressed(encode_png(rgb), min_side=1), rgb)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_truncation_is_refused_of_a_picture_that_is_to_be_reduced(data: st.DataObject) -> None:
    whole = encode_jpeg(smooth(96, 64))
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ImageError):
        decode_compressed(whole[:end], min_side=1)


@pytest.mark.parametrize("data", [encode_jpeg(gradient()), encode_png(gradient())])
def test_an_older_opencv_decodes_to_the_same_pixels(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = decode_compressed(data)
    monkeypatch.delattr(cv2, "IMREAD_COLOR_RGB", raising=False)
    np.testing.assert_array_equal(decode_compressed(data), decoded)
