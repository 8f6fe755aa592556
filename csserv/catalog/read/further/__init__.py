"""Further dimensions, such as members and levels: which coordinates a request takes of them."""
