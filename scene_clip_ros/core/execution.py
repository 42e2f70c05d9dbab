"""What users may choose about how networks are executed."""

from __future__ import annotations

DEVICES = ("auto", "cpu", "cuda")
"""Where models run; ``auto`` is a GPU if there is one."""

BACKENDS = ("auto", "torch", "openvino", "onnxruntime")
"""What executes networks; ``auto`` is the fastest that computes what torch computes."""

PRECISIONS = ("auto", "fp32", "bf16", "int8")
"""Arithmetic of networks; ``auto`` is what the device does fast, never int8."""
