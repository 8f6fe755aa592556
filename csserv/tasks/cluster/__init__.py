"""dask: its scheduler and workers, connections to them, and their security."""
