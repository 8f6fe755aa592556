"""What all pages are made of: HTML parts, cards, colours, key figures, and scripts."""
