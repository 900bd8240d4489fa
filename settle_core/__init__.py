"""Audits settled ledgers: did each settled week keep its amount, and if not, what broke it?"""

__version__ = "0.1.0"
