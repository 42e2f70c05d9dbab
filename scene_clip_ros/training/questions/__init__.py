"""Questions about rendered drives whose answers are known, and how well they are answered."""
