"""Finds frames by their embeddings: in memory while driving, and in archives on disk."""
