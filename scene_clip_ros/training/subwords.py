"""Learns a small byte-pair vocabulary in the form that open_clip's tokenizer reads."""

from __future__ import annotations

import gzip
import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

_HEADER = "#version: scene-clip-embedded"

Pair = tuple[str, str]


def learn_merges(words: Mapping[str, int], count: int) -> list[Pair]:
    """Learn byte-pair merges (Sennrich et al., 2016, arXiv:1508.07909).

    Args:
        words: Lower-case words of ASCII letters, and how often each occurs.
        count: Number of merges wanted; fewer come back when the words are exhausted.

    Returns:
        Merges in order of learning; the last symbol of a word carries ``</w>``.
    """
    spelling = _Spelling(words)
    merges: list[Pair] = []
    while len(merges) < count and (best := spelling.most_frequent_pair()):
        merges.append(best)
        spelling.join(best)
    return merges


class _Spelling:
    """Words as symbols, with the count of every pair of neighbours kept up to date."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._symbols = [[*word[:-1], f"{word[-1]}</w>"] for word in words]
        self._weights = list(words.values())
        self._counts: Counter[Pair] = Counter()
        self._where: defaultdict[Pair, set[int]] = defaultdict(set)
        for index, weight in enumerate(self._weights):
            self._count(index, weight)

    def most_frequent_pair(self) -> Pair | None:
        """Return the pair to join next; ``None`` if no pair is left."""
        best = max(self._counts, key=lambda pair: (self._counts[pair], pair), default=None)
        return best if best is not None and self._counts[best] > 0 else None

    def join(self, pair: Pair) -> None:
        """Make one symbol of a pair wherever it occurs."""
        for index in tuple(self._where[pair]):
            self._count(index, -self._weights[index])
            self._symbols[index] = _merge(self._symbols[index], pair)
            self._count(index, self._weights[index])
        del self._counts[pair], self._where[pair]

    def _count(self, index: int, weight: int) -> None:
        for pair in itertools.pairwise(self._symbols[index]):
            self._counts[pair] += weight
            self._where[pair].add(index)


def _merge(symbols: list[str], pair: Pair) -> list[str]:
    merged: list[str] = []
    i = 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            merged.append(pair[0] + pair[1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


def write_merges(merges: list[Pair], path: Path) -> None:
    """Write merges as ``open_clip.tokenizer.SimpleTokenizer`` reads them (its ``bpe_path``)."""
    text = "\n".join([_HEADER, *(" ".join(pair) for pair in merges)])
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
