"""Exports with planted faults, and how many of them the audit finds."""
