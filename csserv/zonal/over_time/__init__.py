"""How steps of the data become longer steps: which belong together, and by what rule."""
