"""The functions that workers run: computing weights, reducing blocks, assembling results."""
