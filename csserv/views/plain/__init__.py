"""A result as a page and pictures without scripts: for those who read, print or share it."""
