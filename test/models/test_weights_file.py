from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.weights_file import read_weights, weights_digest

TENSORS = {"half": torch.ones(3, dtype=torch.float16), "count": torch.tensor(4)}


def write(path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file(TENSORS, path)
    else:
        torch.save(TENSORS, path)
    return path


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "w.pth"])
def test_tensors_are_read_in_full_precision(tmp_path: Path, name: str) -> None:
    read = read_weights(write(tmp_path / name))
    assert read["half"].dtype == torch.float32
    assert read["count"].dtype == torch.int64
    assert read["half"].tolist() == [1, 1, 1]


def test_a_file_that_runs_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    with path.open("wb") as file:
        torch.save({"x": _Evil()}, file)
    with pytest.raises(ModelError, match="runs code when it is loaded; convert it"):
        read_weights(path)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("loaded",))


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 64, b"not weights at all", b"PK\x05\x06" + b"\xff" * 18], ids=repr
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError, match="expected"):
        read_weights(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.pt: expected a file of weights"):
        read_weights(tmp_path / "none.pt")


def test_what_is_no_table_of_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.pt"
    torch.save([torch.zeros(1)], path)
    with pytest.raises(ModelError, match="expected tensors by name"):
        read_weights(path)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    stored, packed = tmp_path / "stored.pt", tmp_path / "packed.pt"
    torch.save({"zeros": torch.zeros(1_000_000)}, stored)
    with (
        zipfile.ZipFile(stored) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in source.infolist():
            copy.writestr(entry.filename, source.read(entry))

    with pytest.raises(ModelError, match=r"no more than its \d+ bytes in it, got 400\d{4}"):
        read_weights(packed)


def test_a_tensor_that_is_one_number_many_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    torch.save({"bias": torch.zeros(1).expand(1 << 40)}, path)

    with pytest.raises(ModelError, match=r"expected tensors of at most \d+ bytes, got \d+"):
        read_weights(path)


def test_the_digest_follows_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "w.bin"
    path.write_bytes(pickle.dumps(1))
    before = weights_digest(path)
    path.write_bytes(pickle.dumps(2))
    assert len(before) == 12
    assert weights_digest(path) != before
