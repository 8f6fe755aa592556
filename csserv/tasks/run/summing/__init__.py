"""Making time sums as tasks: an attempt at one, and when one is queued by itself."""
