"""Draws what happens on a drive as a camera sees it."""
