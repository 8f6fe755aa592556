"""A result as a report to hand out: HTML, PDF or Word, from a template of one's own."""
