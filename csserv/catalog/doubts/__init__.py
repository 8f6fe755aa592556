"""What the numbers of a file look like, though it does not say so: marks, ranges, scales."""
