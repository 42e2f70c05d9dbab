"""Renders drives seen from a car, with ground truth."""
