"""Writes masks, and pictures with masks drawn on them, so that they appear when all is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.compressed import encode_jpeg, encode_png
from scene_clip_ros.media.label_png import encode_label_png
from scene_clip_ros.media.output_check import check_output
from scene_clip_ros.report.mask_drawing import draw_masked, label_palette

MASK_SUFFIX = ".png"
_OVERLAY_ENCODERS: dict[str, Callable[[ImageArray], bytes]] = {
    ".png": encode_png,
    ".jpg": encode_jpeg,
    ".jpeg": encode_jpeg,
}
_FOLDER_OVERLAY_SUFFIX = ".jpg"


class MaskFiles:
    """The output of one run: a file for a picture, or a new folder for several.

    Written aside; nothing bears its name before `publish`. Used as a context.
    """

    def __init__(self, source: Path, output: Path, overlay: Path | None, *, single: bool) -> None:
        """Refuse names before anything is computed.

        Args:
            source: What is marked; never touched.
            output: The mask, ``.png``, or a folder that is new or empty.
            overlay: The picture with its mask, ``.png`` or ``.jpg``, or another such folder.
            single: Whether there is one picture.

        Raises:
            ParameterError: A name that is not meant for this.
            SourceError: A name that is taken, or that of the source.
        """
        self.output = output
        self._single = single
        self._overlay = overlay
        self._asides: dict[Path, Aside] = {}
        _check_name("-o", output, (MASK_SUFFIX,), single=single)
        check_output(output, recordings=[source], overwrite=single or _is_empty_folder(output))
        if overlay is not None:
            _check_name("--overlay", overlay, tuple(_OVERLAY_ENCODERS), single=single)
            others = [source, output]
            free = single or _is_empty_folder(overlay)
            check_output(overlay, recordings=others, overwrite=free)

    def __enter__(self) -> MaskFiles:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove what was not published."""
        for aside in self._asides.values():
            aside.discard()

    def write(self, rgb: ImageArray, mask: FrameMask, *, name: str) -> Path:
        """Write a mask and its overlay.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB, the picture.
            mask: Of the picture.
            name: Of the files in a folder, without a suffix; may begin with folders.

        Returns:
            Where the mask will be.

        Raises:
            SourceError: A file cannot be written.
        """
        palette = label_palette(len(mask.names))
        relative = Path() if self._single else Path(f"{name}{MASK_SUFFIX}")
        self._write(self.output, relative, encode_label_png(mask.labels, palette))
        if self._overlay is not None:
            suffix = self._overlay.suffix.lower() if self._single else _FOLDER_OVERLAY_SUFFIX
            drawn = _OVERLAY_ENCODERS[suffix](draw_masked(rgb, mask))
            beside = Path() if self._single else Path(f"{name}{suffix}")
            self._write(self._overlay, beside, drawn)
        return self.output / relative

    def publish(self) -> None:
        """Move everything to its name.

        Raises:
            SourceError: Something else has taken a name meanwhile.
        """
        for target, aside in self._asides.items():
            try:
                aside.publish()
            except OSError as err:
                raise _unwritable(target, err) from err

    def _write(self, target: Path, relative: Path, data: bytes) -> None:
        if target not in self._asides:
            self._asides[target] = Aside(target, overwrite=True)
        path = self._asides[target].path / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as err:
            raise _unwritable(target, err) from err


def _unwritable(target: Path, err: OSError) -> SourceError:
    return SourceError(f"{target}: expected a place that can be written, got {err.strerror}")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _check_name(option: str, path: Path, suffixes: tuple[str, ...], *, single: bool) -> None:
    is_picture_name = path.suffix.lower() in suffixes
    if single and (path.is_dir() or not is_picture_name):
        message = f"{option}: expected a name that ends in {' or '.join(suffixes)}, got {path}"
        raise ParameterError(message)
    if not single and is_picture_name:
        message = f"{option}: expected a folder for several pictures, got the file name {path}"
        raise ParameterError(message)
