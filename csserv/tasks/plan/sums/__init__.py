"""Which time sums there are for a request, and which are to be made."""
