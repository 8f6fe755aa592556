"""The zones of a result: a map coloured by class, and a table of them all, as one."""
