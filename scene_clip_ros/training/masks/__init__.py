"""Training of the embedded CLIPSeg on rendered masks."""
