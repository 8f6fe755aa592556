"""The plan of a request: what is to be read, in which blocks, and what that costs."""
