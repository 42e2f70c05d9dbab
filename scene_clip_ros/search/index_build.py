"""Splits embeddings into lists of similar ones, and measures what a search of a few finds."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.index_choice import (
    RECALL_DEPTH,
    RECALL_GOAL,
    choose_lists,
    choose_probes,
)

TRAINING_ROWS_PER_LIST = 64
ITERATIONS = 8
QUERIES_PER_KIND = 128
NOISE = 0.6
"""Length of the noise on a query beside its unit vector: a cosine of 0.86 to where it came from."""


@dataclass(frozen=True, slots=True)
class ListIndex:
    """Embeddings split into lists.

    Attributes:
        centroids: ``(L, D)`` float32, unit length; ``(0, D)`` for a single list.
        members: ``(N,)`` int64, the list of every row, in [0, L).
        lists: L, ≥ 1.
        probes: Lists that a search reads, those whose centroids fit the query best.
        recall: Measured recall@10, in [0, 1].
    """

    centroids: FloatArray
    members: IntArray
    lists: int
    probes: int
    recall: float


def build_lists(vectors: HalfArray, *, goal: float = RECALL_GOAL) -> ListIndex:
    """Split embeddings into as many lists as their number asks for.

    Args:
        vectors: ``(N, D)`` float16, unit length, N ≥ 1.
        goal: Recall@10 that the search shall reach, in [0, 1].
    """
    lists = choose_lists(len(vectors))
    if lists == 1:
        none = np.empty((0, vectors.shape[1]), np.float32)
        return ListIndex(none, np.zeros(len(vectors), np.int64), 1, 1, 1.0)
    rows = vectors.astype(np.float32)
    centroids, members = _cluster(rows, lists)
    kinds = _draw_queries(rows)
    ranks = [_true_ranks(queries, rows, centroids, members=members) for queries in kinds]
    choice = choose_probes(ranks, lists, goal=goal)
    return ListIndex(centroids, members, lists, choice.probes, choice.recall)


def _cluster(rows: FloatArray, lists: int) -> tuple[FloatArray, IntArray]:
    clustering = faiss.Clustering(rows.shape[1], lists)
    clustering.spherical = True
    clustering.niter = ITERATIONS
    clustering.min_points_per_centroid = 1
    clustering.max_points_per_centroid = TRAINING_ROWS_PER_LIST
    quantizer = faiss.IndexFlatIP(rows.shape[1])
    clustering.train(rows, quantizer)
    centroids: FloatArray = quantizer.reconstruct_n(0, lists)
    members: IntArray = quantizer.search(rows, 1)[1][:, 0]
    return centroids, members


def _draw_queries(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return queries like images and like texts, none of which is a row.

    Images lie near rows. Texts lie far from all images (the modality gap: Liang et al., "Mind the
    Gap", NeurIPS 2022), towards what distinguishes some rows from the average; each is drawn
    between two such directions, as of a text that says two things.
    """
    generator = np.random.default_rng(0)
    picked = rows[generator.integers(0, len(rows), 3 * QUERIES_PER_KIND)]
    noise = generator.standard_normal((2 * QUERIES_PER_KIND, rows.shape[1]), dtype=np.float32)
    near, far = np.split(NOISE * _unit(noise), 2)
    images, *said = np.split(picked, 3)
    one, other = (_unit(each - rows.mean(axis=0)) for each in said)
    return _unit(images + near), _unit(_unit(one + other) + far)


def _true_ranks(
    queries: FloatArray, rows: FloatArray, centroids: FloatArray, *, members: IntArray
) -> IntArray:
    """Return how many lists are read before the one with each of the truly best rows."""
    depth = min(RECALL_DEPTH, len(rows))
    best = np.argpartition(queries @ -rows.T, depth - 1, axis=1)[:, :depth]
    order = np.argsort(queries @ -centroids.T, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(len(centroids))[None], axis=1)
    return np.take_along_axis(ranks, members[best], axis=1)


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit
