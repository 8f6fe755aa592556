"""The web dashboard: wires the views of ``csserv.views`` into pages."""
