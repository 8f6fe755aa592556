"""Dates as files write them: counted from a date, as texts, in names of files."""
