"""Charts of a verification."""
