"""Charts of series over time, and the series that fill while a task runs."""
