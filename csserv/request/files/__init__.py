"""Reading areas from uploaded files and from GeoDataFrames: one module a format."""
