"""Where data come from: the table of providers, and all that fetches files from them."""
