"""What is kept of a product: files of steps, folded ones, and where each step came from."""
