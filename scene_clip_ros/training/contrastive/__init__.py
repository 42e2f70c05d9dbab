"""Trains open_clip models of any configuration on pictures with captions."""
