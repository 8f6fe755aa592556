"""Adding a dataset: the fields that may be given, what is asked, what is converted first."""
