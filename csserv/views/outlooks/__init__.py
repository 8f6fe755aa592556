"""What several requests answer together, on pages: how a season may end, an index of results."""
