"""What people look at: overlays and plots."""
