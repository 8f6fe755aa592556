"""How stored numbers become values: data type, missing values, valid range, scale and offset."""
