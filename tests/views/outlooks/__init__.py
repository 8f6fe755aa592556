"""Tests of what several requests answer together, on pages."""
