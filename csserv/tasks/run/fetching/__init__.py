"""Fetching as tasks: an attempt at one, the clock, and what it queues."""
