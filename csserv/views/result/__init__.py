"""The result of a task: chart, map, downloads, and where its numbers come from."""
