"""What diagnosis found, as tables and as JSON."""
