"""Maps: base map, canvas to draw areas on, zones coloured by value, animations of fields."""
