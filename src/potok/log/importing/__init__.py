"""From a source to a finished log store."""
