"""What is done about damage: reading what is whole, rebuilding the log, copies of a home."""
