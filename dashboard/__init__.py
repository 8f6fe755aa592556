"""The web dashboard: pages made of the views of ``csserv.views``."""
