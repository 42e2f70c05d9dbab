"""Bytes of any origin, seen as one array without copying them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ImageError

if TYPE_CHECKING:
    from typing_extensions import Buffer

ImageBuffer: TypeAlias = "Buffer | npt.NDArray[np.uint8]"
"""Bytes of an image: bytes, memoryview, array.array, numpy array; C-contiguous."""


def view_bytes(data: ImageBuffer) -> npt.NDArray[np.uint8]:
    """View a buffer as ``(N,)`` uint8, read-only where the buffer is.

    Raises:
        ImageError: Not a C-contiguous buffer.
    """
    try:
        return np.frombuffer(memoryview(cast("Buffer", data)), dtype=np.uint8)
    except (TypeError, ValueError, BufferError) as err:
        message = f"expected a contiguous buffer of bytes, got {type(data).__name__}: {err}"
        raise ImageError(message) from err
