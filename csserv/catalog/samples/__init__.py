"""Sample data to try csserv with: a synthetic archive and two real files."""
