"""The runner: its process, its leadership of the log, and its attempts at tasks."""
