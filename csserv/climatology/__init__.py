"""What a value is compared with: series in, series out."""
