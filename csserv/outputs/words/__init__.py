"""Answers in words: a sentence of a value, its normal and its rank."""
