"""Systems that balance late entries, simulated event by event, with the truth of what they did.

Nothing here knows how an audit works: what a writer saw, when it committed and why it was wrong is
noted as it happens, and the truth is derived from these notes alone.
"""
