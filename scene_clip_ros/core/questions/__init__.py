"""Questions about what cameras have seen: parsed, and decided from what perception says."""
