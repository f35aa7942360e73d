"""Readers of the formats in which agencies hold event histories."""
