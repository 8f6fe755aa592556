"""Asking: what a dataset offers, the form, its preview, and the same request as code."""
