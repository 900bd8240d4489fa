"""An archive gives what its export gives, is only ever added to, and names what is damaged."""

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import pytest
from eventful import Eventful, as_parquet

from settle_core.audit import archive_check, audit
from settle_core.cli.main import main
from settle_core.errors import Fault
from settle_core.exports import history
from settle_core.exports.archive import adding, archive, version_rows
from settle_core.exports.archive.weeks import Weeks
from settle_core.exports.arrays import week_passes, whole_pass
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.draft import fitting_profile
from settle_core.exports.files import scan
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.walk.step import STEPS

DATA = Path(__file__).parents[2] / "data"
CANONICAL = profiles.load("canonical")
RECORDED = ["rails/sidekiq_race", "formats/stripe/raw"]


def add(export: Path, into: Path, weeks: str = "", profile: str = "") -> adding.Archived:
    return adding.add(export, into, fitting_profile.profile_of(export, profile), weeks)


def told(export: Path, **given: str) -> dict[str, Any]:
    """All that an audit gives, but for the paths of its input."""
    run = audit.run(export, **given)
    con = run.ledger.con
    manifest = run.manifest()
    for name in ("export", "parameters", "inputs"):
        manifest.pop(name)
    return {
        "findings": run.findings,
        "corrections": run.corrections,
        "manifest": manifest,
        "sums": [
            (each.rows_accepted, each.first_id, each.last_id, each.totals) for each in run.inputs
        ],
        **{
            name: sorted(con.execute(f"FROM {name}").fetchall(), key=repr)
            for name in (*STEPS, "replay")
        },
    }


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def of_parts(folder: Path) -> set[str]:
    return {name for name in files(folder) if name.endswith(".parquet")}


@pytest.fixture
def ledger() -> Eventful:
    return Eventful(11, accounts=15)


@pytest.fixture
def export(ledger: Eventful, tmp_path: Path) -> Path:
    ledger.write(tmp_path / "export", has_answers=True)
    return tmp_path / "export"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)


@pytest.mark.parametrize("name", RECORDED)
def test_the_archive_of_a_recorded_export_gives_what_the_export_gives(
    name: str, tmp_path: Path
) -> None:
    add(DATA / name, tmp_path / "archive")
    assert told(tmp_path / "archive") == told(DATA / name)


def refuse(*_: object) -> None:
    raise AssertionError("the entries were passed over")


@pytest.mark.usefixtures("passes")
@pytest.mark.parametrize(("seed", "again"), [(1, 0), (2, 0), (3, 4)])
def test_weeks_joined_give_what_the_whole_gives_and_no_entry_is_passed_over(
    seed: int, again: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Eventful(seed, accounts=15, again=again).write(tmp_path / "export", has_answers=seed == 2)
    made = adding.add(tmp_path / "export", tmp_path / "archive", CANONICAL)
    assert made.passes == made.weeks
    wanted = told(tmp_path / "export", profile="canonical")
    monkeypatch.setattr(whole_pass, "run", refuse)
    assert told(tmp_path / "archive") == wanted


@pytest.mark.usefixtures("passes")
def test_the_pass_of_weeks_is_the_pass_of_all(tmp_path: Path) -> None:
    Eventful(6, accounts=15).write(tmp_path / "csv")
    as_parquet(tmp_path / "csv", tmp_path / "export")
    add(tmp_path / "export", tmp_path / "archive", profile="canonical")
    joined = version_rows.read(tmp_path / "archive", CANONICAL, is_all=True).passed
    con = Ledger.read(tmp_path / "export", CANONICAL).con
    whole = whole_pass.run(con, Limits(), 2)
    assert joined is not None
    assert joined.gaps is not None
    assert whole.gaps is not None
    assert {n: v.tolist() for n, v in joined.gaps.items()} == {
        n: v.tolist() for n, v in whole.gaps.items()
    }
    plain = {n: v for n, v in vars(whole).items() if isinstance(v, int)}
    assert {name: getattr(joined, name) for name in plain} == plain
    # Who keeps more of a pass has to keep it by week, in another format; or None, as these.
    by_week = {"cells", "late", "timely", "gap_ids", "last_settled", "again", "late_rows", "names"}
    assert {each.name for each in dataclasses.fields(Passed)} == by_week | {"rejected", *plain}
    assert joined.timely_ids is not None
    assert whole.timely_ids is not None
    assert sorted(joined.timely_ids) == sorted(whole.timely_ids)
    assert np.array_equal(joined.off, whole.off)
    assert np.array_equal(joined.cells.left[joined.off], whole.cells.left[whole.off])
    assert np.array_equal(joined.is_settled, whole.is_settled)
    every = np.ones(whole.cells.weeks, np.bool_)
    assert all(map(np.array_equal, joined.unsettled(every), whole.unsettled(every)))
    for order, passed in ((np.argsort(p.late.entry_id), p) for p in (joined, whole)):
        passed.late = passed.late._replace(
            **{n: getattr(passed.late, n)[order] for n in passed.late._fields if n != "job_bytes"}
        )
    for name in ("entry_id", "cell", "day", "amount", "kind", "recorded_at", "job_length"):
        assert np.array_equal(getattr(joined.late, name), getattr(whole.late, name)), name


def test_archiving_again_in_another_order_adds_nothing(
    ledger: Eventful, export: Path, tmp_path: Path
) -> None:
    first = add(export, tmp_path / "archive")
    before = files(tmp_path / "archive")
    ledger.entries.reverse()
    ledger.write(export, has_answers=True)
    again = add(export, tmp_path / "archive")
    assert (first.is_new, again.is_new, again.added, again.version) == (True, False, 0, 1)
    assert files(tmp_path / "archive") == before


def change(ledger: Eventful, export: Path) -> None:
    """Another amount in one settled week."""
    week = ledger.weeks[1]
    row = next(e for e in ledger.entries if week <= e["effective_date"] < ledger.weeks[2])
    row["amount"] += 100
    ledger.write(export, has_answers=True)


@pytest.mark.usefixtures("passes")
def test_a_week_that_changed_has_a_part_beside_the_old_one(
    ledger: Eventful, export: Path, tmp_path: Path
) -> None:
    add(export, tmp_path / "archive")
    before = files(tmp_path / "archive")
    shutil.copytree(export, tmp_path / "before")
    change(ledger, export)
    made = add(export, tmp_path / "archive")
    after = files(tmp_path / "archive")
    assert (made.version, made.added) == (2, 1)
    assert {n: after[n] for n in before if n != archive.NEWEST} == {
        n: held for n, held in before.items() if n != archive.NEWEST
    }
    assert len(of_parts(tmp_path / "archive")) == sum(n.endswith(".parquet") for n in before) + 1
    first = version_rows.read(tmp_path / "archive" / "versions" / "0001.json", CANONICAL)
    was = Ledger.read(tmp_path / "before", CANONICAL)
    for table in ("entry", "settlement"):
        rows = [sorted(each.con.execute(f"FROM {table}").fetchall()) for each in (first, was)]
        assert rows[0] == rows[1]
    assert not archive_check.run(tmp_path / "archive").differences


def test_a_week_that_is_gone_is_gone_from_the_new_version_only(
    ledger: Eventful, export: Path, tmp_path: Path
) -> None:
    add(export, tmp_path / "archive")
    there = of_parts(tmp_path / "archive")
    last = max(row["effective_date"] for row in ledger.entries)
    ledger.entries = [
        e for e in ledger.entries if (last - e["effective_date"]).days > last.weekday()
    ]
    ledger.write(export, has_answers=True)
    assert add(export, tmp_path / "archive").gone == 1
    assert there <= of_parts(tmp_path / "archive")
    rows = version_rows.read(tmp_path / "archive", CANONICAL).con.table("entry")
    assert len(rows) == len(ledger.entries)


@pytest.mark.usefixtures("passes")
def test_only_some_weeks_are_taken_and_the_others_stay(
    ledger: Eventful, export: Path, tmp_path: Path
) -> None:
    add(export, tmp_path / "archive")
    change(ledger, export)
    week = ledger.weeks[1]
    of_week = Eventful(11, accounts=15)
    of_week.entries = [e for e in ledger.entries if week <= e["effective_date"] < ledger.weeks[2]]
    of_week.settlements = [s for s in ledger.settlements if s[1] == week]
    of_week.write(tmp_path / "week", has_answers=True)
    made = add(tmp_path / "week", tmp_path / "archive", f"{week}")
    assert (made.version, made.added, made.left_out) == (2, 1, 0)
    assert told(tmp_path / "archive") == told(export)


@pytest.mark.parametrize("has_passes", [True, False])
def test_an_id_in_two_weeks_is_refused(
    has_passes: bool,  # noqa: FBT001
    ledger: Eventful,
    export: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not has_passes:
        monkeypatch.setattr(Weeks, "passes", lambda *_: {})
    add(export, tmp_path / "archive")
    week = ledger.weeks[0]
    other = next(e for e in ledger.entries if e["effective_date"] >= ledger.weeks[2])
    mine = next(e for e in ledger.entries if week <= e["effective_date"] < ledger.weeks[1])
    mine["entry_id"] = other["entry_id"]
    ledger.entries = [e for e in ledger.entries if e["effective_date"] < ledger.weeks[1]]
    ledger.write(tmp_path / "week", has_answers=True)
    before = files(tmp_path / "archive")
    with pytest.raises(Fault, match="is in two weeks"):
        add(tmp_path / "week", tmp_path / "archive", f"{week}")
    assert files(tmp_path / "archive") == before


def broken_by(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)


@pytest.mark.usefixtures("passes")
@pytest.mark.parametrize(
    ("table", "damage"),
    [("entry", broken_by), ("settlement", Path.unlink), ("pass", broken_by)],
)
def test_a_damaged_part_is_named_and_archiving_again_restores_it(
    table: str, damage: Callable[[Path], None], export: Path, tmp_path: Path
) -> None:
    into = tmp_path / "archive"
    add(export, into)
    path = min((into / table).glob("*/*"))
    whole = path.read_bytes()
    damage(path)
    name = str(path.relative_to(into))
    assert [each.file for each in archive_check.run(into).differences] == [name]
    with pytest.raises(Fault, match=path.name):
        audit.run(into)
    assert not add(export, into).is_new
    assert path.read_bytes() == whole


def test_totals_and_passes_that_are_not_of_the_rows_are_named(export: Path, tmp_path: Path) -> None:
    into = tmp_path / "archive"
    add(export, into)
    version = archive.load(into)
    kept, part = (next(iter(version.of(table).values())) for table in ("pass", "entry"))
    arrays: dict[str, Any] = dict(week_passes.opened((into / kept.file).read_bytes()))
    made = into / "forged.npz"
    np.savez(made, allow_pickle=False, **arrays | {"counted": arrays["counted"] + 1})
    sha256 = scan.hashed(made).sha256
    name = archive.name("pass", kept.week, sha256)
    made.rename(into / name)
    totals = {code: total + 1 for code, total in part.totals.items()}
    others = {
        kept.file: msgspec.structs.replace(kept, sha256=sha256, file=name),
        part.file: msgspec.structs.replace(part, totals=totals),
    }
    held = tuple(others.get(each.file, each) for each in version.files)
    text = msgspec.json.encode(msgspec.structs.replace(version, files=held))
    for path in (into / archive.NEWEST, into / "versions" / "0001.json"):
        path.write_bytes(text)
    found = [(each.file, each.what) for each in archive_check.run(into).differences]
    assert found == [(part.file, "control totals"), (name, "made again from the rows")]


def test_what_is_stopped_before_its_version_leaves_the_archive_whole(
    ledger: Eventful, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "archive"
    add(export, into)
    before = archive.load(into)
    change(ledger, export)
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            add(export, into)
    assert archive.load(into) == before
    assert not archive_check.run(into).differences
    assert add(export, into).version == 2
    assert not archive_check.run(into).differences


def test_two_archives_are_compared_by_the_parts_that_differ(
    ledger: Eventful, export: Path, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(export, tmp_path / "before")
    add(export, old)
    moved = next(
        e for e in ledger.entries if ledger.weeks[2] <= e["effective_date"] < ledger.weeks[3]
    )
    moved["effective_date"] = ledger.weeks[3]
    removed = next(e for e in ledger.entries if e["effective_date"] < ledger.weeks[1])
    ledger.entries.remove(removed)
    change(ledger, export)
    add(export, new)
    wanted = history.compare(tmp_path / "before", export, CANONICAL).changes
    assert len({each.week_start for each in wanted}) >= 3
    same = set(archive.load(old).of("entry")) - archive.differing(*map(archive.load, (old, new)))
    assert same
    for folder in (old, new):
        for week in same:
            broken_by(folder / archive.load(folder).of("entry")[week].file)
    assert history.compare(old, new, CANONICAL).changes == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "no version of an archive"), ('{"format": 9}', "found format 9"), ("[]", "no version")],
)
def test_what_is_no_version_is_refused(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / archive.NEWEST).write_text(text, "utf-8")
    with pytest.raises(Fault, match=says):
        audit.run(tmp_path)


def test_a_version_names_no_file_elsewhere(export: Path, tmp_path: Path) -> None:
    add(export, tmp_path / "archive")
    path = tmp_path / "archive" / archive.NEWEST
    held = next(iter(archive.load(path.parent).of("entry").values()))
    path.write_text(path.read_text("utf-8").replace(held.file, "../x.parquet"), "utf-8")
    with pytest.raises(Fault, match="no version of an archive"):
        audit.run(tmp_path / "archive")


def test_what_an_audit_calls_incomplete_is_not_archived(export: Path, tmp_path: Path) -> None:
    with (export / "entries.csv").open("a", encoding="utf-8") as file:
        file.write("x,y\n")
    with pytest.raises(Fault, match="1 rows rejected"):
        add(export, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_a_folder_that_holds_something_else_is_left_as_it_is(export: Path) -> None:
    with pytest.raises(Fault, match="the folder holds something else"):
        add(export, export)
    assert len(list(export.iterdir())) == 2


def test_other_programs_read_the_parts_by_their_folders(export: Path, tmp_path: Path) -> None:
    made = add(export, tmp_path / "archive")
    with duckdb.connect() as con:
        parts = str(tmp_path / "archive" / "entry" / "*" / "*.parquet")
        rows = con.read_parquet(parts, hive_partitioning=True).select("week", "entry_id").fetchall()
    assert (len(rows), len({week for week, _ in rows})) == (made.entries, made.weeks)


def test_the_commands_say_what_became_of_it(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = str(tmp_path / "an archive [1]")

    def said(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    assert said("archive", str(export), "--into", into)[:2][0] == 0
    code, out, _ = said("archive", str(export), "--into", into)
    assert (code, out.splitlines()[-1]) == (0, f"{into}: version 1, nothing changed")
    assert json.loads(said("archive", str(export), "--into", into, "--json")[1])["is_new"] is False
    assert said("verify", into)[0] == 0
    assert said("compare", f"{into}/versions/0001.json", into)[0] == 0
    code, _, err = said("balance", into, "--profile", "canonical", "--out", "owed.csv")
    assert code == 2
    assert "an archive is read by its own profile" in err
    code, _, err = said("archive", str(export), "--into", into, "--weeks", "soon")
    assert (code, err.count("\n")) == (2, 1)
