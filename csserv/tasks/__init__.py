"""Tasks: their log, their plan, and the runner and workers that carry them out."""
