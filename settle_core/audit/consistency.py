"""Whether the files of a run say the same: each is made anew of the others and compared."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from settle_core.audit import another_build, explain, finding, listing, run_folder, summary
from settle_core.audit.correction import Correction
from settle_core.audit.workbook_check import WorkbookCheck
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.reading.rejected import Rejected

Said = tuple[str, str, str, str]  # file, what, expected, found


class Compared(NamedTuple):
    """What the files of a run say differently from one another, what holds, what is left open."""

    differences: tuple[Said, ...]
    held: str = ""
    not_proved: tuple[str, ...] = ()


def compare(folder: Path, manifest: Mapping[str, Any]) -> Compared:
    """Hold the files of a run folder to one another."""
    try:
        findings = explain.findings(folder)
        corrections = _corrections(folder)
        rejected = _rejected(folder)
    except run_folder.unreadable(Fault) as error:
        return Compared(((folder.name, "content", "files that can be read", str(error)),))
    differences = [*_counted(manifest, findings, corrections, rejected)]
    with TemporaryDirectory() as made:
        again = Path(made)
        finding.write_csv(again / run_folder.FINDINGS_CSV, findings)
        wanted, found = ((each / run_folder.FINDINGS_CSV).read_bytes() for each in (again, folder))
        if wanted != found:
            expected = f"what {run_folder.FINDINGS} says"
            differences.append((run_folder.FINDINGS_CSV, "content", expected, "another content"))
        book = WorkbookCheck(folder, manifest, findings, (corrections, rejected), again).run()
    told = _summary(folder, manifest, findings)
    files = ["findings", "corrections", "summary", *(["workbook"] if book.is_held else [])]
    return Compared(
        (*differences, *book.differences, *told.differences),
        f"{', '.join(files[:-1])} and {files[-1]} say the same",
        (*book.not_proved, *told.not_proved),
    )


def _counted(
    manifest: Mapping[str, Any],
    findings: Sequence[Finding],
    corrections: Sequence[Correction],
    rejected: Sequence[Rejected],
) -> Iterator[Said]:
    """Hold the rows of each file to what the manifest counts."""
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


def _summary(folder: Path, manifest: Mapping[str, Any], findings: tuple[Finding, ...]) -> Compared:
    """Make the summary again, of the weeks that it tells."""
    file, another = run_folder.SUMMARY, another_build.name(manifest)
    try:
        told = dict(json.loads((folder / file).read_text("utf-8")))
        weeks = [
            (date.fromisoformat(each["week_start"]), each["settled_weeks"], each["weeks_off"])
            for each in told["weeks"]
        ]
        wanted = json.loads(json.dumps(summary.told(manifest, findings, weeks)))
        ours = Counter(map(_text, map(listing.as_dict, findings)))
        is_chosen = not Counter(map(_text, told.get("biggest", ()))) - ours
    except run_folder.unreadable() as error:
        return Compared(((file, "content", "a summary", f"{type(error).__name__}: {error}"),))
    by = ", by another build" if another else ""
    differing = {key for key in (*wanted, *told) if wanted.get(key, ...) != told.get(key, ...)}
    # What a build does not tell, or tells beside, is its own; what both tell is to be the same.
    alone = {key for key in differing if another and (key not in wanted or key not in told)}
    chosen = {"biggest"} & differing - alone if another and is_chosen else set()
    differences = [
        (file, f"{path}{by}", expected, found)
        for key in sorted(differing - alone - chosen)
        for path, expected, found in [_first(key, wanted, told)]
    ]
    for name in ("settled_weeks", "weeks_off"):
        count, total = manifest["counts"][name], sum(int(week[name]) for week in told["weeks"])
        if total != count:
            differences.append((file, f"{name} of all weeks", str(count), str(total)))
    notes = []
    if alone:
        are = ", ".join(sorted(alone))
        notes.append(
            f"What {file} tells, or does not, of {are}: another build made it ({another})."
        )
    if chosen:
        by = f"they are of this run, but chosen by another build ({another})"
        notes.append(f"That the findings that {file} lists are the biggest: {by}.")
    return Compared(tuple(differences), not_proved=tuple(notes))


def _first(key: str, wanted: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, str, str]:
    return another_build.first_difference(wanted.get(key, ...), told.get(key, ...), key)


def _text(row: Mapping[str, object]) -> str:
    return json.dumps(row, sort_keys=True, default=str)


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
