"""The workers, the work done and the disk, for whoever keeps the server up."""
