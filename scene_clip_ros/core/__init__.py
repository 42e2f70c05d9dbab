"""Pure logic on numpy arrays: no torch, no rclpy (``test/test_layering.py`` enforces it)."""
