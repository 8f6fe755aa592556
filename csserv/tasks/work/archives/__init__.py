"""What workers do to files of data, beside computing results: fetch them, merge them, sum them."""
