"""Running tasks: the process that leads the log, and its attempts at tasks."""
