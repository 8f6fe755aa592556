"""A request as the address of its form: in words of the address, and back."""
