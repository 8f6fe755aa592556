"""How stored numbers become values: marks for missing, valid range, scale and offset."""
