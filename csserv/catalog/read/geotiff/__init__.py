"""GeoTIFF: what one says of its cells, bands, dates and numbers; packed with gzip, too."""
