"""Rewriting a dataset's files in chunks that are long in time, so that series are quick to read."""
