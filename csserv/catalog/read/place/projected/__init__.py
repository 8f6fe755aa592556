"""Grids that are straight in a projection."""
