"""Logs of workers and of the database as evidence: what each counter-entry's writer saw, and why.

Readers turn lines into statements and events of jobs; the rest is the same for every stack.
"""
