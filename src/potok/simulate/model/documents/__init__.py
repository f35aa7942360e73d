"""Parts of a model's document: each read from a mapping and written as one, side by side.

What is left out of a document takes its default, and what has its default is left out when written. Numbers are
written so that they are read back bit by bit.
"""
