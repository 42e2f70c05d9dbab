"""Models behind small protocols, each with a deterministic fake."""
