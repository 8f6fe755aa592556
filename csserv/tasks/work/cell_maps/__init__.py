"""The maps of an export: what is computed of them, and what a file of them says."""
