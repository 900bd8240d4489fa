"""An archive: exports by settled week, as files that are only ever added.

- `archive`: versions and what they name; `adding`: an export added, cut by `weeks`
- `version_rows`: a version read as an export
- `checked`: an export or an archive read and checked, as commands begin
"""
