"""Log files found and read.

- which files, and of which kind: `files`; as query tools export them: `exported`
- unpacked: `opened`; read line by line: `scan`
- of large logs what touches the ledger: `thinning`, `event_thinning`
- what was read of each file, for a report: `told`
"""
