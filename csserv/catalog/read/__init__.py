"""Reading files: their axes, grid, packing and chunks, made uniform."""
