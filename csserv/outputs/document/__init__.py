"""The forms of a result's JSON: version 1, and version 2 of those with many numbers."""
