"""dask: its scheduler and workers, how to reach them, and who may."""
