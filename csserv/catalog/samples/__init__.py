"""Sample data to try csserv with: synthetic archives and two real files."""
