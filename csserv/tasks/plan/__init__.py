"""Planning a request: which blocks to read, and what that costs."""
