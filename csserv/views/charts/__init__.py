"""Charts of series over time, and live series of running tasks."""
