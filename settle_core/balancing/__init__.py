"""Balancing: a late entry and its counter-entry, posted so that its week keeps its amount."""
