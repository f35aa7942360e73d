"""One module per command; each declares itself with `register`."""
