"""What is published: the table of products, names of their files, lengths of their steps."""
