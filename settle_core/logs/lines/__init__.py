"""What every log has.

- a statement, an event of a job, a line: `model`
- from text to lines: `reader`, `json_lines`; what a shipper put around them: `envelope`
- instants: `clock`; of logs that tell no year: `yearless`
- SQL as it stands in a line: `sql_text`; runs of jobs: `runs`
- what was written twice: `repeats`; what is not shown: `redaction`
"""
