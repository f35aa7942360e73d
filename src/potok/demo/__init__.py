"""A made-up agency with known truth."""
