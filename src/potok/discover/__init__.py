"""What must be inferred from a log: models of the process."""
