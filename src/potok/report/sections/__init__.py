"""Sections of the audit report: what each says, as plain records that a template shows."""
