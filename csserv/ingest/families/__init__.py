"""How the files of a product are found: one module a kind of source."""
