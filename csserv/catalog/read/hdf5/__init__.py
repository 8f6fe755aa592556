"""HDF5 files as they are stored: where their chunks lie, and what they say in bytes."""
