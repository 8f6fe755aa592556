"""Where the cells of a variable lie: their axes, their projection, their edges."""
