"""What a search writes leaves recordings alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from recordings import plain, write_drive

from scene_clip_ros.cli.hit_files import write_cut, write_sheet
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.search.archive import ArchiveHit
from scene_clip_ros.search.archive_search import Place

STAMP_NS = 10**18


@pytest.fixture
def hits(tmp_path: Path) -> list[ArchiveHit]:
    """Return hits in a bag and in a folder of one picture."""
    write_drive(tmp_path / "drive.mcap")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "1.png").write_bytes(encode_png(plain(1)))
    return [
        ArchiveHit(str(tmp_path / name), "front", stamp_ns, 0.5, 3.0, Place("000001", 0))
        for name, stamp_ns in (("drive.mcap", STAMP_NS), ("pictures", 0))
    ]


@pytest.mark.parametrize("name", ["pictures/1.png", "pictures/hits.png", "other/hits.png"])
def test_a_sheet_is_never_drawn_into_a_recording(
    tmp_path: Path, hits: list[ArchiveHit], name: str
) -> None:
    before = (tmp_path / "pictures" / "1.png").read_bytes()
    protected = [tmp_path / "other"]
    with pytest.raises(SourceError, match="expected a place apart from the recordings"):
        write_sheet(tmp_path / name, hits, title="", note="", protected=protected)
    assert (tmp_path / "pictures" / "1.png").read_bytes() == before
    assert not (tmp_path / "pictures" / "hits.png").exists()


def test_a_sheet_that_exists_is_drawn_anew(tmp_path: Path, hits: list[ArchiveHit]) -> None:
    for title in ("first", "second"):
        write_sheet(tmp_path / "hits.png", hits, title=title, note="")
        (tmp_path / f"{title}.png").write_bytes((tmp_path / "hits.png").read_bytes())
    assert (tmp_path / "first.png").read_bytes() != (tmp_path / "second.png").read_bytes()


def test_a_cut_that_exists_is_replaced_only_if_told(tmp_path: Path, hits: list[ArchiveHit]) -> None:
    write_cut(tmp_path / "hits.mcap", hits[:1], margin_s=0.0)
    with pytest.raises(SourceError, match="expected a name that is free"):
        write_cut(tmp_path / "hits.mcap", hits, margin_s=0.0)
    assert write_cut(tmp_path / "hits.mcap", hits, margin_s=0.0, overwrite=True) == 2


def test_a_cut_spares_recordings_without_hits(tmp_path: Path, hits: list[ArchiveHit]) -> None:
    write_drive(tmp_path / "spared.mcap")
    with pytest.raises(SourceError, match=r"got that of .*spared\.mcap"):
        write_cut(
            tmp_path / "spared.mcap",
            hits,
            margin_s=0.0,
            protected=[tmp_path / "spared.mcap"],
            overwrite=True,
        )
