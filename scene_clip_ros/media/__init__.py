"""Pictures in and out: image encodings, videos, folders and bags."""
