"""Commands for results: show them, write them as files, compute them again."""
