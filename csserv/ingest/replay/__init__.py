"""A stand-in for providers, on this machine: their folders and formats, with made-up numbers."""
