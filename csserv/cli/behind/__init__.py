"""Commands that say what is behind a number: its cells or its record, and what indices are."""
