"""Every measure by name, as a table."""
