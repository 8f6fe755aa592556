"""Finding out what files are: of which dates, with which numbers missing, of which product."""
