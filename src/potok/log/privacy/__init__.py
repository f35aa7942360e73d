"""Pseudonyms, detectors of personal data, and the way back for who holds the key."""
