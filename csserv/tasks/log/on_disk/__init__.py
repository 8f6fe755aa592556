"""The files of the log as they lie on disk: text with checksums, marks, and what is set aside."""
