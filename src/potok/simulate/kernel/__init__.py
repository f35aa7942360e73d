"""The kernel: a compiled model in, the arrays of an event log out."""
