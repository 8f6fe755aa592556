"""When the steps of a file are, from dates as files write them."""
