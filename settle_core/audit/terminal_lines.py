"""What a run came to, in lines for a terminal.

All of it is in the manifest and in `summary.json`, so that a command that waited for an audit
prints it without reading its findings.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from settle_core import formats
from settle_core.contract import Finding
from settle_core.logs.scanned import told as logs_told

BIGGEST: Final = 5  # findings that are told


def biggest(figures: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The biggest findings that a run's `summary.json` tells; earlier versions told none.

    Raises:
        TypeError, ValueError: it is not as settle writes one.
    """
    rows = [tuple(Finding(**each)) for each in figures.get("biggest", ())]
    found = msgspec.convert(rows, tuple[Finding, ...])
    return tuple(
        f._replace(recorded_at=f.recorded_at and f.recorded_at.replace(tzinfo=None)) for f in found
    )


def told(manifest: Mapping[str, Any], found: Sequence[Finding]) -> list[str]:
    """Verdict, counts, and the biggest findings, as given."""
    counts = manifest["counts"]
    weeks = formats.count(counts["settled_weeks"], "settled week")
    lines = [
        f"{manifest['verdict']}: {formats.count(counts['weeks_off'])} of {weeks} no longer "
        + formats.verb(counts["weeks_off"], "has its settled amount", "have their settled amount")
    ]
    if counts["weeks_masked"]:
        holds = formats.verb(counts["weeks_masked"], "holds", "hold")
        lines[0] += f", {formats.count(counts['weeks_masked'])} more {holds} masked breaks"
    # A first line that told of broken weeks alone would hide that the profile may be wrong.
    said = manifest["agreement"]["says"]
    if manifest["agreement"]["is_doubtful"]:
        lines[0] += f"; {said[0]}"
        said = said[1:]
    if not manifest["parameters"]["profile"]:
        read = Path(manifest["inputs"][0]["path"])
        # A version of an archive; any folder may be called as theirs.
        is_archive = read.parent.name == "versions" and read.stem.isdecimal()
        fits = "the built-in profile that fits"
        which = "with which the archive was made" if is_archive else fits
        lines.append(f"read by {manifest['profile']['name']}, {which}")
    lines += said
    lines += manifest["inferred"].get("says", [])
    for given in manifest["inputs"]:
        rejected = given["rows_rejected"]
        tail = (
            f"{formats.count(rejected)} rejected, see rejected.csv" if rejected else "all accepted"
        )
        aside = given["rows_set_aside"]
        tail += f", {formats.count(aside)} set aside" if aside else ""
        lines.append(f"{given['name']}: {formats.count(given['rows_read'], 'row')} read, {tail}")
    lines += logs_told.says(manifest.get("logs", {}).get("files", ()))
    if manifest["previous_run"]:
        since = manifest["previous_run"]
        new, persisting, resolved = (len(since[k]) for k in ("new", "persisting", "resolved"))
        changed = f"{formats.count(new)} new, {formats.count(persisting)} persisting"
        lines.append(f"since {since['run']}: {changed}, {formats.count(resolved)} resolved")
    if manifest["dispositions"]:
        lines.append(_disposed(manifest["dispositions"]["counts"]))
    several = len(manifest.get("decimals", ())) > 1  # earlier versions told none
    if found:
        each_in_turn = ", of each currency in turn" if several else ""
        all_of_them = formats.count(counts["findings"], "finding")
        lines += ["", f"the biggest of {all_of_them}{each_in_turn}:"]
    for number, each in enumerate(found, 1):
        day = formats.day(each.effective_date) if each.effective_date else ""
        lines.append(
            f"{number}. account {each.account_id}, {day}, entry {each.entry_id} "
            f"({formats.words(each.rule)}, {each.status}, {each.finding_id[:8]})"
            + (f", in {formats.brief(each.currency, 12)}" if several else "")
        )
        lines.append(f"   {formats.prose(each.explanation)}")
    return [*lines, ""]


def _disposed(counts: Mapping[str, int]) -> str:
    """What became of the acceptances; those that hold no longer are always named."""
    said = [f"{formats.count(counts['accepted'], 'finding')} accepted"]
    for state, what in (
        ("expired", "expired"),
        ("differs", "no longer fitting its finding"),
        ("unmatched", "without a finding"),
    ):
        if counts[state]:
            said.append(f"{formats.count(counts[state], 'acceptance')} {what}")
    return f"dispositions: {', '.join(said)}"
