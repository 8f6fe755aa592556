"""The record: tasks, the TinyDB file they stand in, its archives, and figures of it."""
