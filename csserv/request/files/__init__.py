"""Areas from files and frames of anybody's making: one reader a format."""
