"""The files of a dataset as one row of steps: checked as a whole, and what there is."""
