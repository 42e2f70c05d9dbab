"""Composes core and models into frames in, results out."""
