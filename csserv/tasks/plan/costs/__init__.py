"""How long a request takes, and how large its answer will be."""
