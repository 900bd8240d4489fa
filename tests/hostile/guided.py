"""Inputs guided by what the code reaches, where atheris is installed.

    pip install atheris
    PYTHONPATH=. python tests/hostile/guided.py profile -atheris_runs=20000

for `profile`, `acceptances`, `rule`, `export` and `run`. The input begins as something whole; what
is found to crash is kept by atheris as `crash-*` in the folder it runs in.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final

import atheris

with atheris.instrument_imports(include=["settle_core", "tomllib"]):
    from settle_core.audit import disposition, run_folder
    from settle_core.exports.profiles import profile
    from settle_core.exports.reading.ledger import Ledger
    from settle_core.rules import rule
    from tests.hostile import test_fuzz as fuzz


def read_profile(data: bytes) -> None:
    """A profile of any bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        path.write_bytes(data)
        fuzz.one_line(lambda: profile.load(str(path)))


def read_acceptances(data: bytes) -> None:
    """A file of acceptances of any bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "accepted.toml"
        path.write_bytes(data)
        fuzz.one_line(lambda: disposition.read(str(path)))


def read_rule(data: bytes) -> None:
    """A rule of any text."""
    try:
        rule.parse("some_rule", data.decode("utf-8", "replace"))
    except ValueError:
        return


def read_export(data: bytes) -> None:
    """Entries of any bytes, beside settlements as they are."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "export"
        shutil.copytree(fuzz.SAMPLE, folder)
        (folder / "entries.csv").write_bytes(data)

        def read() -> None:
            for given in Ledger.read(folder, profile.load("canonical")).inputs:
                found = given.rows_accepted + given.rows_rejected + given.rows_set_aside
                assert given.rows_read == found, given

        fuzz.one_line(read)


def read_run(data: bytes) -> None:
    """A run whose manifest is any bytes, with hashes that are right where they can be."""
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        shutil.copytree(fuzz.made(), run)
        (run / run_folder.MANIFEST).write_bytes(data)
        fuzz.one_line(lambda: fuzz.looked_at(run))


TARGETS: Final[dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]]] = {
    "profile": (read_profile, fuzz.profiles),
    "acceptances": (read_acceptances, lambda: [fuzz.accepted()]),
    "rule": (read_rule, lambda: [each.query.encode() for each in rule.catalogue()]),
    "export": (read_export, lambda: [(fuzz.SAMPLE / "entries.csv").read_bytes()]),
    "run": (read_run, lambda: [(fuzz.made() / run_folder.MANIFEST).read_bytes()]),
}


def main() -> None:
    """Feed the target named first; what follows are libFuzzer's options."""
    read, whole = TARGETS[sys.argv.pop(1)]
    corpus = Path(mkdtemp())
    for place, text in enumerate(whole()):
        (corpus / str(place)).write_bytes(text)
    sys.argv += [os.fspath(corpus), "-max_len=20000", "-len_control=0"]
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
