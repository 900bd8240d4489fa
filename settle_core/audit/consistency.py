"""Whether the files of a run say the same: each is made anew of the others and compared."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from settle_core.audit import explain, finding, run_folder, summary, workbook
from settle_core.audit.correction import Correction
from settle_core.audit.walk import Walk, open_run, walks_of_finding
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.reading.rejected import Rejected
from settle_core.logs import evidence

Said = tuple[str, str, str, str]  # file, what, expected, found


def differing(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Said]:
    """What the files of a run folder say differently from one another."""
    try:
        findings = explain.findings(folder)
        corrections = _corrections(folder)
        rejected = _rejected(folder)
    except run_folder.unreadable(Fault) as error:
        yield folder.name, "content", "files that can be read", str(error)
        return
    counts = manifest["counts"]
    lost = sum(given["rows_rejected"] for given in manifest["inputs"])
    for name, count, told in (
        (run_folder.FINDINGS, len(findings), counts["findings"]),
        (run_folder.CORRECTIONS, len(corrections), counts["corrections"]),
        (run_folder.REJECTED, len(rejected), lost),
    ):
        if count != told:
            yield name, "rows", f"{told}, as the manifest says", str(count)
    is_open = {f.finding_id for f in findings if f.status == "open"}
    for each in corrections:
        for key in set(each.finding_ids) - is_open:
            yield run_folder.CORRECTIONS, each.correction_id, "a finding that is open", key
    yield from _anew(folder, manifest, findings, corrections, rejected)


def _anew(
    folder: Path,
    manifest: Mapping[str, Any],
    findings: tuple[Finding, ...],
    corrections: list[Correction],
    rejected: list[Rejected],
) -> Iterator[Said]:
    """Write again what is made of the findings, and compare."""
    with TemporaryDirectory() as made:
        again = Path(made)
        finding.write_csv(again / run_folder.FINDINGS_CSV, findings)
        names = [run_folder.FINDINGS_CSV]
        is_same = manifest["versions"].get("xlsxwriter") == run_folder.versions().get("xlsxwriter")
        if (folder / workbook.FILE).is_file() and workbook.is_available() and is_same:
            found = findings, corrections, rejected, _walks(folder, findings), evidence.kept(folder)
            workbook.write(again / workbook.FILE, manifest, *found)
            names.append(workbook.FILE)
        for name in names:
            if (again / name).read_bytes() != (folder / name).read_bytes():
                expected = f"what {run_folder.FINDINGS} and the manifest say"
                yield name, "content", expected, "another content"
    yield from _summary(folder, manifest, findings)


def _summary(
    folder: Path, manifest: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Iterator[Said]:
    """Make the summary again, of the weeks that it tells."""
    try:
        told = json.loads((folder / run_folder.SUMMARY).read_text("utf-8"))
        weeks = [
            (date.fromisoformat(each["week_start"]), each["settled_weeks"], each["weeks_off"])
            for each in told["weeks"]
        ]
        wanted = json.loads(json.dumps(summary.told(manifest, findings, weeks)))
    except run_folder.unreadable() as error:
        yield run_folder.SUMMARY, "content", "a summary", f"{type(error).__name__}: {error}"
        return
    not_yet = {"biggest"} - told.keys()  # earlier versions told none
    for key in wanted:
        if key not in not_yet and wanted[key] != told.get(key):
            yield run_folder.SUMMARY, key, str(wanted[key]), str(told.get(key))


def _walks(folder: Path, findings: Sequence[Finding]) -> tuple[Walk, ...]:
    """The walks that the workbook lists, as `Audit.walks` gives them."""
    with open_run(folder) as con:
        told = finding.biggest(findings, workbook.WALKS_MAX)
        return tuple(dict.fromkeys(w for each in told for w in walks_of_finding(con, each)))


def _corrections(folder: Path) -> list[Correction]:
    rows = run_folder.rows(folder, run_folder.CORRECTIONS)
    return [
        Correction(
            correction_id=row["correction_id"],
            account_id=row["account_id"],
            effective_date=date.fromisoformat(row["effective_date"]),
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            finding_ids=tuple(row["finding_ids"].split(",")),
        )
        for row in rows
    ]


def _rejected(folder: Path) -> list[Rejected]:
    rows = run_folder.rows(folder, run_folder.REJECTED)
    return [Rejected(r["file"], int(r["line"]), r["reason"], r["row"]) for r in rows]
