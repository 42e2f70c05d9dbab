"""The lists of a segment on the disk: how they are written, mapped and searched.

``vectors.bin`` has list after list: the fp16 embeddings of its rows, then the rows' numbers as
int64, as FAISS's ``OnDiskInvertedLists`` expects them. FAISS maps the file; its own index format
is not used, because its reader believes the sizes that a file states.

A list's checksum is looked at when the list is first read: a million frames open without reading
a gigabyte, and no damaged list is ever searched.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.durable_files import check_size

ROW_NUMBER_BYTES = 8
HALF_BYTES = 2

_typed_any: Any = faiss
"""FAISS's own types do not know these functions' arguments from Python."""

ListSums = npt.NDArray[np.uint32]


def row_bytes(dim: int) -> int:
    """Return how many bytes of the file a row takes."""
    return dim * HALF_BYTES + ROW_NUMBER_BYTES


def list_bytes(vectors: HalfArray, members: IntArray, *, lists: int) -> Iterator[bytes]:
    """Yield the content of each list.

    Args:
        vectors: ``(N, D)`` float16.
        members: ``(N,)`` int64, the list of every row, in [0, ``lists``).
        lists: How many there are; a list may be empty.
    """
    order = np.argsort(members, kind="stable")
    ends = np.cumsum(np.bincount(members, minlength=lists))
    for numbers in np.split(order, ends[:-1]):
        yield vectors[numbers].astype("<f2").tobytes() + numbers.astype("<i8").tobytes()


class ListFile:
    """The lists of one segment, mapped; safe to search from several threads."""

    def __init__(
        self, path: Path, *, centroids: FloatArray, list_rows: ListSums, sums: ListSums
    ) -> None:
        """Map the file; nothing of it is read.

        Args:
            path: The file; it must not change any more.
            centroids: ``(L, D)`` float32; the single list of an exact index has some, too.
            list_rows: ``(L,)`` uint32, rows of every list.
            sums: ``(L,)`` uint32, CRC-32 of every list.

        Raises:
            ArchiveError: The file is missing, has another size, or cannot be mapped.
        """
        self._path = path
        self._rows = int(list_rows.sum(dtype=np.int64))
        self._row_bytes = row_bytes(centroids.shape[1])
        self._ends = np.cumsum(list_rows, dtype=np.int64) * self._row_bytes
        self._sums = sums
        self._unchecked = np.ones(len(sums), np.bool_)
        check_size(path, self._rows * self._row_bytes)
        try:
            self._bytes = np.memmap(path, np.uint8, "r")
            self._index = _map_index(path, centroids, list_rows)
        except (OSError, RuntimeError, TypeError, ValueError) as err:
            message = f"{path}: expected a file that can be mapped, got {err}"
            raise ArchiveError(message) from err

    @property
    def lists(self) -> int:
        """How many there are."""
        return len(self._sums)

    def nearest(
        self, query: FloatArray, *, count: int, probes: int, selected: npt.NDArray[np.bool_] | None
    ) -> tuple[IntArray, FloatArray]:
        """Find the best rows of the lists that fit a query best.

        Args:
            query: ``(1, D)`` float32.
            count: Most rows to return, ≥ 1.
            probes: Lists to read, in [1, L].
            selected: ``(N,)`` bool, rows that may be returned; None: all.

        Returns:
            ``(K,)`` row numbers and ``(K,)`` float32 cosines, best first, K ≤ ``count``.

        Raises:
            ArchiveError: A list that is read is damaged.
        """
        if self._unchecked.any():
            self._check(self._index.quantizer.search(query, probes)[1][0])
        options = {"nprobe": probes}
        if selected is not None:
            options["sel"] = _typed_any.IDSelectorBitmap(np.packbits(selected, bitorder="little"))
        parameters = _typed_any.SearchParametersIVF(**options)
        scores, numbers = self._index.search(query, count, params=parameters)
        found = numbers[0] >= 0
        return numbers[0][found], scores[0][found]

    def every_score(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every row: ``(N,)`` float32; ``query`` is ``(1, D)`` float32.

        Raises:
            ArchiveError: A list is damaged, or a row is missing.
        """
        self._check(np.arange(self.lists))
        everything = _typed_any.SearchParametersIVF(nprobe=self.lists)
        _, scores, numbers = self._index.range_search(
            query, float(np.finfo(np.float32).min), params=everything
        )
        by_row = np.full(self._rows, np.nan, np.float32)
        by_row[numbers] = scores
        if np.isnan(by_row).any():
            message = f"{self._path}: expected every row once, got some twice or not finite"
            raise ArchiveError(message)
        return by_row

    def row_scores(self, number: int, queries: FloatArray) -> FloatArray:
        """Return the cosines of one row: ``(Q,)`` float32.

        Args:
            number: Of the row, in [0, N).
            queries: ``(Q, D)`` float32.

        Raises:
            ArchiveError: The row's list is damaged, or the row is missing.
        """
        for each, content in enumerate(np.split(self._bytes, self._ends[:-1])):
            codes, numbers = self._parts(content)
            (places,) = np.nonzero(numbers == number)
            if len(places):
                self._check(np.array([each]))
                found: FloatArray = queries @ codes[places[0]].astype(np.float32)
                return found
        message = f"{self._path}: expected row {number}, got none"
        raise ArchiveError(message)

    def read_rows(self) -> HalfArray:
        """Return every row: ``(N, D)`` float16.

        Raises:
            ArchiveError: A list is damaged, or a row is missing.
        """
        self.check()
        vectors = np.empty((self._rows, self._index.d), np.float16)
        is_read = np.zeros(self._rows, np.bool_)
        for content in np.split(self._bytes, self._ends[:-1]):
            codes, numbers = self._parts(content)
            vectors[numbers] = codes
            is_read[numbers] = True
        if not is_read.all():
            message = f"{self._path}: expected every row once, got some twice"
            raise ArchiveError(message)
        return vectors

    def _parts(self, content: npt.NDArray[np.uint8]) -> tuple[HalfArray, IntArray]:
        """Return the embeddings and the row numbers of a list."""
        rows = len(content) // self._row_bytes
        codes, numbers = np.split(content, [rows * self._index.d * HALF_BYTES])
        return codes.view("<f2").reshape(rows, -1), numbers.view("<i8")

    def check(self) -> None:
        """Read every list.

        Raises:
            ArchiveError: A list is damaged.
        """
        self._unchecked[:] = True
        self._check(np.arange(self.lists))

    def _check(self, lists: IntArray) -> None:
        for number in lists[self._unchecked[lists]]:
            start = int(self._ends[number - 1]) if number else 0
            content = self._bytes[start : self._ends[number]]
            if zlib.crc32(content.data) != self._sums[number]:
                message = f"{self._path}: expected list {number} as it was written, got damage"
                raise ArchiveError(message)
            self._check_numbers(content)
            self._unchecked[number] = False

    def _check_numbers(self, content: npt.NDArray[np.uint8]) -> None:
        rows = len(content) // self._row_bytes
        numbers = content[len(content) - rows * ROW_NUMBER_BYTES :].view("<i8")
        if rows and (numbers.min() < 0 or numbers.max() >= self._rows):
            message = f"{self._path}: expected rows in [0, {self._rows}), got others"
            raise ArchiveError(message)


def _map_index(path: Path, centroids: FloatArray, list_rows: ListSums) -> Any:
    """Return FAISS's inverted file over lists that stay on the disk."""
    lists, dim = centroids.shape
    quantizer = faiss.IndexFlatIP(dim)
    quantizer.add(np.ascontiguousarray(centroids))
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dim, lists, half, faiss.METRIC_INNER_PRODUCT, False
    )
    stored = _typed_any.OnDiskInvertedLists()
    stored.nlist = lists
    stored.code_size = dim * HALF_BYTES
    stored.read_only = True
    stored.prefetch_nthread = 0  # up to 32 threads would be started for every query
    stored.filename = str(path)
    stored.lists.resize(lists)
    sizes = list_rows.astype(np.uint64)
    stored.set_all_lists_sizes(faiss.swig_ptr(sizes))
    stored.totsize = path.stat().st_size
    stored.do_mmap()
    stored.this.disown()
    index.replace_invlists(stored, True)
    index.ntotal = int(sizes.sum())
    index.is_trained = True
    return index
