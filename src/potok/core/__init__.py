"""Vocabulary, result types, errors and language: what every other layer shares, importing none of them."""
