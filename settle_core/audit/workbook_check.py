"""Whether the workbook of a run says what its other files say: it is made anew and compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from settle_core.audit import another_build, finding, run_folder, workbook
from settle_core.audit.another_build import Row, Sheets
from settle_core.audit.correction import Correction
from settle_core.audit.walk import Walk, open_run, walks_of_finding, walks_of_findings
from settle_core.contract import Finding
from settle_core.exports.reading.rejected import Rejected
from settle_core.logs import evidence

FILE: Final = run_folder.WORKBOOK
Said = tuple[str, str, str, str]  # file, what, expected, found


class Held(NamedTuple):
    """What differs, what is not proved, and whether the workbook was held to the other files."""

    differences: tuple[Said, ...] = ()
    not_proved: tuple[str, ...] = ()
    is_held: bool = False


class WorkbookCheck:
    """One workbook. `rest`: corrections and rejected rows; `aside`: where it is made anew."""

    def __init__(
        self,
        folder: Path,
        manifest: Mapping[str, Any],
        findings: Sequence[Finding],
        rest: tuple[Sequence[Correction], Sequence[Rejected]],
        aside: Path,
    ) -> None:
        self.folder, self.manifest, self.findings = folder, manifest, findings
        self.rest, self.aside = rest, aside

    def run(self) -> Held:
        """Make it anew, and compare: the bytes, or the cells of what was written otherwise."""
        path = self.folder / FILE
        if not path.is_file():
            return Held()
        unread = f"That {FILE} says what {run_folder.FINDINGS} says: {workbook.INSTALL} to compare."
        if not workbook.is_available():
            return Held(not_proved=(unread,))
        with open_run(self.folder) as con:
            told = finding.biggest(self.findings, workbook.WALKS_MAX)
            walks = tuple(dict.fromkeys(w for f in told for w in walks_of_finding(con, f)))
        wanted = self._written("wanted.xlsx", self.findings, walks)
        if wanted.read_bytes() == path.read_bytes():
            return Held(is_held=True)
        if not another_build.can_read_sheets():
            return (
                Held(not_proved=(unread,)) if self._writer() else Held((self._another("content"),))
            )
        try:
            found = another_build.sheets(path)
        except ValueError as error:
            return Held(((FILE, "content", "a workbook", another_build.said(error)),))
        return self._compared(found, another_build.sheets(wanted))

    def _writer(self) -> str:
        """What writes a workbook otherwise than here, if it made this one; else empty."""
        if another := another_build.name(self.manifest):
            return f"another build ({another})"
        name = "xlsxwriter"
        then, now = self.manifest["versions"].get(name), run_folder.versions().get(name)
        return "" if then == now else f"{name} {then}, here {now}"

    def _another(self, what: str) -> Said:
        return FILE, what, f"what {run_folder.FINDINGS} and the manifest say", "another content"

    def _compared(self, found: Sheets, wanted: Sheets) -> Held:
        in_order, in_rows = found.otherwise(wanted)
        writer = self._writer()
        if not writer:
            sheets = [*in_rows, *in_order]
            said = tuple(_differing(each, found.rows(each), wanted.rows(each)) for each in sheets)
            return Held(said or (self._another("content, its cells alike"),))
        by = ", by another build" if another_build.name(self.manifest) else ""
        differences, chosen = [], []
        for each in in_rows:
            has, needs = found.rows(each), wanted.rows(each)
            of_run = self._choice(each, has, needs)
            if Counter(has) - Counter(of_run):
                differences.append(_differing(each, has, of_run, by))
            elif len(has) != len(needs) or has[:1] != needs[:1]:
                differences.append(_differing(each, has, needs, by))
            else:
                chosen.append(each)
        if differences:
            return Held(tuple(differences))
        otherwise = ", ".join((*in_order, *chosen))
        order = f", nor the order and choice of its rows ({otherwise})" if otherwise else ""
        told = f"How {FILE} looks{order}: its cells are of this run, written by {writer}."
        return Held(not_proved=(told,), is_held=True)

    def _choice(self, title: str, has: Sequence[Row], needs: Sequence[Row]) -> Sequence[Row]:
        """All rows that a sheet may have: one that cannot have all has others of the same run."""
        firsts = {str(row[0]) for row in has}
        if title == "findings":
            path = self._written("f.xlsx", [f for f in self.findings if f.finding_id in firsts], ())
        elif title == "walks":
            of = [f for f in self.findings if f.account_id in firsts]
            with open_run(self.folder) as con:
                path = self._written("w.xlsx", (), walks_of_findings(con, of))
        else:
            return needs
        return another_build.sheets(path).rows(title)

    def _written(self, name: str, findings: Sequence[Finding], walks: Sequence[Walk]) -> Path:
        lines = evidence.kept(self.folder)
        path = self.aside / name
        workbook.write(path, self.manifest, findings, *self.rest, walks, lines)
        return path


def _differing(title: str, has: Sequence[Row], needs: Sequence[Row], by: str = "") -> Said:
    """A sheet that has other rows, by the first that it has and the first that it has not."""
    missing, more = Counter(needs) - Counter(has), Counter(has) - Counter(needs)
    if not missing and not more:  # the order alone
        pairs = zip(needs, has, strict=True)
        expected, found = next(pair for pair in pairs if pair[0] != pair[1])
        return FILE, f"sheet {title}{by}", _told(expected), _told(found)
    return (
        FILE,
        f"sheet {title}{by}",
        _told(next(iter(missing), None)),
        _told(next(iter(more), None)),
    )


def _told(row: Row | None) -> str:
    if row is None:
        return "no such row"
    return another_build.said(", ".join("" if cell is None else str(cell) for cell in row))
