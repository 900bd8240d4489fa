"""What is said of a row that is not as it should be.

- role, status, cause, evidence, effect: `cause`; its sentence: `sentences`
"""
