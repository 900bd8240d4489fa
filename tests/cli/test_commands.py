"""Commands beside the audit: what they print, and what is not to be read of what they are given."""

import csv
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from settle_core.audit import audit, owed, terminal_lines
from settle_core.cli.audit import _print_audit
from settle_core.cli.main import main, settle
from settle_core.errors import Fault

SAMPLE: Final = Path(__file__).parents[2] / "data" / "sample"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look at")
@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_password_leaves_list_of_processes(scheme: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        url = f"{scheme}://reader:s3cret@127.0.0.1:{port}/ledger"
        python = [sys.executable, "-c", "from settle_core.cli.main import main; main()"]
        command = [*python, "pull", url, "--out", str(tmp_path / "out")]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as pull:
            server.settimeout(60)
            with server.accept()[0]:
                shown = Path(f"/proc/{pull.pid}/cmdline").read_bytes()
            assert pull.stderr
            said = pull.stderr.read()
        assert b"pull" in shown
        assert b"s3cret" not in shown
        assert said.startswith("settle: no connection to ")
        assert "s3cret" not in said


@pytest.mark.parametrize("port", ["0", "65536", "80x"])
def test_a_port_that_there_is_not_is_refused_and_no_server_started(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """JupyterLab listens at another one, and says the address of the one that there is not."""
    with pytest.raises(SystemExit) as ended:
        main(["lab", "--no-browser", "--port", port])
    assert ended.value.code == 2
    assert "Invalid value for '--port'" in capsys.readouterr().err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:  # noqa: ANN401  JSON
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    assert ended.value.code == 0
    return json.loads(capsys.readouterr().out)


def test_what_is_printed_may_be_had_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = audit.run(SAMPLE).write(tmp_path / "run")
    told = as_json(capsys, "correct", run, "--out", tmp_path / "c.csv", "--json")
    assert told == {"corrections": 1, "out": str(tmp_path / "c.csv")}
    told = as_json(capsys, "alert", run, "--json")
    assert (told["verdict"], told["findings"], len(told["biggest"])) == ("broken", 2, 1)
    export = tmp_path / "export"
    export.mkdir()
    for name in ("entries.csv", "settlements.csv"):
        shutil.copy(SAMPLE / name, export)
    told = as_json(capsys, "profile", export, "--json")
    assert '[entries]\nfile = "entries.*"' in told["profile"]
    assert any(each.startswith("money.currency") for each in told["guessed"])
    assert "Precondition" not in as_json(capsys, "profile", "--list", "--json")["rails"]
    out = tmp_path / "simulated"
    small = ("--accounts", "4", "--weeks", "5")
    assert as_json(capsys, "simulate", "--out", out, *small, "--json") == {"out": str(out)}
    told = as_json(capsys, "simulate", "--power", out, "--json")
    assert {each["rule"] for each in told["rules"]} >= {"duplicate_counter"}


def test_totals_of_what_was_pulled_may_be_had_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as con:
        for table in ("entries", "settlements"):
            lines = (SAMPLE / f"{table}.csv").read_text("utf-8").splitlines()
            header, *rows = csv.reader(lines)
            con.execute(f"CREATE TABLE {table} ({', '.join(header)})")
            marks = ", ".join("?" for _ in header)
            con.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        con.commit()
    told = as_json(capsys, "pull", f"sqlite:///{path}", "--out", tmp_path / "out", "--json")
    assert told["out"] == str(tmp_path / "out")
    assert told["control"] == json.loads((tmp_path / "out" / "control.json").read_text("utf-8"))


def test_each_command_that_prints_a_result_prints_it_as_json_too() -> None:
    """Those that do not: a TOML block, a server, a seal that `verify` tells."""
    without = {
        name
        for name, command in settle.commands.items()
        if not any("--json" in option.opts for option in command.params)
    }
    assert without == {"accept", "lab", "seal"}


def test_sums_that_money_cannot_hold_are_a_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each amount has its 18 digits, their sum one more: it was a traceback, and exit code 3."""
    most = "9999999999999999.99"
    (tmp_path / "entries.csv").write_text(
        "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
        f"1,7,2026-03-10,{most},entry,2026-03-10T10:00:00Z\n"
        f"2,7,2026-03-10,{most},entry,2026-03-20T10:00:00Z\n",
        "utf-8",
    )
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n"
        f"7,2026-03-09,{most},2026-03-16T03:00:00Z\n",
        "utf-8",
    )
    with pytest.raises(SystemExit) as ended:
        main(["balance", str(tmp_path), "--out", str(tmp_path / "owed.csv")])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.startswith("settle: a sum of amounts is too large: expected at most 18 digits")
    with pytest.raises(Fault, match="a sum of amounts is too large"):
        audit.run(tmp_path)


def test_a_disk_without_room_for_the_database_is_a_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DuckDB has an error of its own for it; only the audit told that as a fault."""

    def full(*_: object) -> None:
        raise duckdb.IOException("IO Error: No space left on device")

    monkeypatch.setattr(owed, "plan", full)
    with pytest.raises(SystemExit) as ended:
        main(["balance", str(SAMPLE), "--out", str(tmp_path / "owed.csv")])
    assert ended.value.code == 2
    assert "No space left on device" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("simulate --power {sample} --faults race=1", "--faults is for --out"),
        ("simulate --power {sample} --weeks 9", "--weeks is for --out"),
        ("simulate --out {new} --profile rails", "--profile is for --power"),
        ("audit {sample} --runs {new} --log-prefix %m", "--log-prefix is for --log"),
        ("profile {sample} --list", "--list takes neither an EXPORT nor --out"),
        ("profile --list --out {new}", "--list takes neither an EXPORT nor --out"),
    ],
)
def test_an_option_that_would_not_be_obeyed_is_refused(
    given: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(given.format(sample=SAMPLE, new=tmp_path / "new").split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_no_terminal_obeys_what_an_export_holds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The audit and `explain` printed what turns text about, or goes back to overwrite a line."""
    odd = "\x1b[31m\r\u202e\x07\n"
    export, other = tmp_path / "export", tmp_path / "other"
    for folder in (export, other):
        folder.mkdir()
        (folder / "entries.csv").write_text(
            "entry_id,account_id,effective_date,amount,kind,recorded_at,currency\n"
            f'"1{odd}","7{odd}",2026-03-10,1.00,entry,2026-03-10T10:00:00Z,"X{odd}"\n'
            f'"2{odd}","7{odd}",2026-03-10,2.00,entry,2026-03-20T10:00:00Z,"X{odd}"\n',
            "utf-8",
            newline="",
        )
        amount = "1.00" if folder is export else "1.50"
        (folder / "settlements.csv").write_text(
            "account_id,week_start,settled_amount,settled_at,currency\n"
            f'"7{odd}",2026-03-09,{amount},2026-03-16T03:00:00Z,"X{odd}"\n',
            "utf-8",
            newline="",
        )
    found = audit.run(export)
    found.write(tmp_path / "run")
    _print_audit(tmp_path / "run", found.manifest(), as_json=False)
    (finding,) = (each for each in found.findings if each.entry_id)
    for given in (
        ["explain", str(tmp_path / "run"), finding.finding_id],
        ["findings", str(tmp_path / "run")],
        ["alert", str(tmp_path / "run")],
        ["compare", str(export), str(other)],
        ["balance", str(export), "--out", str(tmp_path / "owed.csv")],
    ):
        with pytest.raises(SystemExit):
            main(given)
    said = capsys.readouterr()
    assert said.out.count("uncountered") > 2
    assert set(said.out + said.err) & set(odd) <= set("[31m\n")


def test_an_archive_is_said_to_be_read_by_its_own_profile(tmp_path: Path) -> None:
    """It was called a built-in one that fits."""
    profile = tmp_path / "ours.toml"
    profile.write_text("money.scale = 2\n", "utf-8")
    with pytest.raises(SystemExit):
        main(["archive", str(SAMPLE), "--profile", str(profile), "--into", str(tmp_path / "kept")])
    archived = terminal_lines.told(audit.run(tmp_path / "kept").manifest(), ())
    assert f"read by {profile}, with which the archive was made" in archived
    shutil.copytree(SAMPLE, tmp_path / "versions")  # a folder may be called as those of an archive
    fitting = terminal_lines.told(audit.run(tmp_path / "versions").manifest(), ())
    assert "read by canonical, the built-in profile that fits" in fitting
