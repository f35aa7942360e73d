"""A made-up ministry's register of processes with known overlaps, chains and gaps."""
