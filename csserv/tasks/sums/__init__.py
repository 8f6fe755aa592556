"""Time sums: what cells add up to in each month, kept beside the files of days they come from."""
