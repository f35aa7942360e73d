"""A made-up region: six agencies and their services, run by the simulation's kernel, with known truth."""
