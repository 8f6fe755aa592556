"""Plausibility checks of stored values: undeclared missing values, misread ranges, wrong scales."""
