"""Reading NetCDF files: finds their axes, grid, packing and chunks, and returns uniform arrays."""
