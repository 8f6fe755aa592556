"""What names the map: lakes, rivers, towns, the names of chosen zones, and the scale."""
