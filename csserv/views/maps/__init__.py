"""Maps: land and sea, zones coloured by value, cells played as a film."""
