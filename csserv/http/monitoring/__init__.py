"""What is seen of a server from outside: its health, metrics, and the log of its requests."""
