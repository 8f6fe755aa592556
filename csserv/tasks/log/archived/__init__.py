"""Finished tasks in monthly files, and the index that says where each stands."""
