"""Commands about numbers that are kept to be used again."""
