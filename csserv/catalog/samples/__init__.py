"""Sample data: a synthetic archive, and two real files."""
