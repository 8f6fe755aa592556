"""How files come: asking a provider, downloading, unpacking."""
