"""What the service of another machine is made of: its API, layers and coverage from afar."""
