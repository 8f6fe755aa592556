"""Ways to choose an area: on a map, by name, by the edges of a box, from a file."""
