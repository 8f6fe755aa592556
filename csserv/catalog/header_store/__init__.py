"""What files say of themselves, kept on disk."""
