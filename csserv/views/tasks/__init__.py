"""Tasks: their table, cards and bars, what can be done with them, and news of them."""
