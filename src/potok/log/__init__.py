"""Events in: read, map, validate, pseudonymise, store."""
