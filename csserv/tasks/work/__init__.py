"""What a worker runs: weights, blocks, and the assembling of the result."""
