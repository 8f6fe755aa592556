"""What is asked of several zones, members or results at once, without looping by hand."""
