"""The ``scene-clip`` command."""
