"""Grids whose latitudes and longitudes are given cell by cell."""
