"""The task log: tasks in a TinyDB file, monthly archives, and figures about them."""
