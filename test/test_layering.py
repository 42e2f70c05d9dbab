"""Each layer imports what its place in the design allows, and nothing heavier."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "scene_clip_ros"
SOURCE = Path(__file__).resolve().parent.parent / PACKAGE

LAYERS: dict[str, set[str]] = {
    "core": set(),
    "resources": set(),
    "media": {"core"},
    "models": {"core", "resources"},
    "pipeline": {"core", "models"},
    "report": {"core", "resources"},
    "search": {"core"},
    "sim": {"core", "media"},
    "demo": {"core", "media", "report"},
    "training": {"core", "media", "models", "pipeline", "report", "resources", "search", "sim"},
}
"""What a layer may import of this package beside itself. ``nodes`` and ``cli`` may import all."""

LIBRARIES: dict[str, set[str]] = {
    "core": {"numpy", "yaml"},
    "resources": set(),
    "media": {"cv2", "numpy", "rosbags", "typing_extensions"},
    "models": {
        "cv2",
        "huggingface_hub",
        "numpy",
        "onnxruntime",
        "open_clip",
        "openai",
        "openvino",
        "safetensors",
        "timm",
        "torch",
        "torchvision",
        "transformers",
    },
    "pipeline": {"numpy"},
    "report": {"cv2", "jinja2", "matplotlib", "numpy"},
    "search": {"faiss", "numpy", "pyarrow"},
    "sim": {"cv2", "numpy"},
    "demo": {"cv2", "numpy"},
    "cli": {"numpy", "tqdm", "yaml"},
}
"""Libraries that a layer may import. ``nodes`` and ``training`` are at the edge."""

HEAVY = {
    "cv2",
    "faiss",
    "onnxruntime",
    "open_clip",
    "openai",
    "openvino",
    "rclpy",
    "rosbags",
    "torch",
    "torchvision",
    "transformers",
}

LIGHT: dict[str, set[str]] = {
    "core": HEAVY,
    "pipeline": HEAVY,
    "media": {"open_clip", "rclpy", "torch"},
    "report": {"matplotlib", "open_clip", "rclpy", "torch"},
    "search": {"open_clip", "rclpy", "torch"},
    "sim": {"open_clip", "rclpy", "torch"},
    "demo": {"open_clip", "rclpy", "torch"},
    "cli": {"open_clip", "rclpy", "torch"},
}
"""What is not loaded even indirectly when every module of a layer is imported."""


def find_modules(layer: str) -> list[Path]:
    return sorted((SOURCE / layer).rglob("*.py"))


def find_imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, at its top or within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"expected absolute imports in {path}"
            assert node.level == 0, f"expected absolute imports in {path}"
            if node.module == PACKAGE:
                yield from (f"{PACKAGE}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def find_inner(layer: str) -> set[str]:
    names = (name.split(".") for path in find_modules(layer) for name in find_imports(path))
    return {parts[1] for parts in names if parts[0] == PACKAGE and len(parts) > 1}


def find_libraries(layer: str) -> set[str]:
    names = {name.split(".")[0] for path in find_modules(layer) for name in find_imports(path)}
    return names - set(sys.stdlib_module_names) - {PACKAGE}


def test_every_folder_is_a_known_layer() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}

    assert folders <= LAYERS.keys() | {"cli", "nodes"}


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_layers_below_it(layer: str) -> None:
    assert find_inner(layer) - {layer} <= LAYERS[layer]


@pytest.mark.parametrize("layer", LIBRARIES)
def test_layer_imports_only_its_libraries(layer: str) -> None:
    assert find_libraries(layer) <= LIBRARIES[layer]


def test_only_nodes_import_ros() -> None:
    importers = {
        path.relative_to(SOURCE).parts[0]
        for path in SOURCE.rglob("*.py")
        for name in find_imports(path)
        if name.split(".")[0] in {"rclpy", "sensor_msgs", "std_msgs", "diagnostic_msgs"}
        or name.startswith((f"{PACKAGE}.msg", f"{PACKAGE}.srv"))
    }

    assert importers <= {"nodes"}


@pytest.mark.parametrize("layer", LIGHT)
def test_importing_a_whole_layer_loads_nothing_heavy(layer: str) -> None:
    modules = [
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in find_modules(layer)
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd="/"
    )

    assert run.returncode == 0, run.stderr
    assert LIGHT[layer].isdisjoint(run.stdout.split())


def test_the_imported_package_is_the_one_whose_source_is_checked() -> None:
    spec = importlib.util.find_spec(PACKAGE)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == SOURCE / "__init__.py"
