"""Numbers that were computed before, of a zone and a step, to be used again."""
