"""An audit carried out: `run` reads, replays, applies the rules; an `Audit` is what came of it."""

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from settle_core import errors, sql
from settle_core.audit import (
    age,
    asked,
    checking,
    comparison,
    correction,
    disposition,
    engines,
    finding,
    invariants,
    run_folder,
    summary,
    workbook,
)
from settle_core.audit.age import Age
from settle_core.audit.comparison import Since
from settle_core.audit.correction import Correction
from settle_core.audit.disposition import Disposition, Given
from settle_core.audit.finding import OpenCent
from settle_core.audit.invariants import Violation
from settle_core.audit.questions import Questions
from settle_core.audit.walk import Walk, walks_of_findings
from settle_core.contract import Finding, Several
from settle_core.exports import history
from settle_core.exports.checks import agreement
from settle_core.exports.checks.agreement import Agreement
from settle_core.exports.files import control_totals, memory
from settle_core.exports.files.control_totals import Difference
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading import rejected
from settle_core.exports.reading.ledger import Input, Ledger
from settle_core.exports.reading.rejected import Rejected
from settle_core.logs import evidence
from settle_core.logs.proofs import contradictions
from settle_core.logs.scanned import files as log_files
from settle_core.notebook import texts
from settle_core.reconcile import replay
from settle_core.reconcile.policies.inferred import Inferred
from settle_core.reconcile.walk import steps, suspects
from settle_core.rules import rule
from settle_core.rules.rule import RuleRun
from settle_core.spark.reading import EngineUsed

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector; it goes on afterwards if it was at work. Also a decorator."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@dataclass(frozen=True)
class Audit:
    """An audit that ran.

    Attributes:
        export: the folder that was read, as given.
        parameters: what was asked for, by name, as text.
        ledger: the export and the audit's own tables, where ids may be whole numbers; ask
            questions by `sql`, where all are text.
        limits: weeks and instant of the audit.
        agreement: in how many of these weeks the settled amount is what was recorded by then.
        findings: in their fixed order.
        corrections: proposed entries.
        rule_runs: how each rule ran, by name.
        inferred: how the ledger is balanced, as far as it was inferred.
        open_cents: days whose findings do not add up to their residual; must be none.
        violations: where an invariant does not hold; must be none.
        withheld: why nothing is proposed, and the run is incomplete; none if it is whole.
        off_totals: control totals of the export's own `control.json` that its files do not have.
        age: how old the export is, None if nobody asked.
        logs: what logs told of causes; `engine` what did the pass if not this machine; or None.
        accepted: the file of dispositions, or None; `dispositions`: what became of each in it.
        since: what changed since the run before, None if there is none.
        verdict: of `contract.VERDICTS`.
        settled_weeks: how many account weeks were audited; `weeks_off` of them are not at their
            settled amount, `weeks_masked` are but hold masked breaks.
        late_entries: recorded after settlement; `counters` likewise.
        rows_in_settled_weeks: how many of the accepted entries are of audited weeks, as of `as_of`.
    """

    export: str
    parameters: dict[str, str]
    ledger: Ledger
    limits: steps.Scope
    agreement: Agreement
    findings: Sequence[Finding]
    corrections: tuple[Correction, ...]
    rule_runs: tuple[RuleRun, ...]
    inferred: Inferred
    open_cents: tuple[OpenCent, ...]
    violations: tuple[Violation, ...]
    withheld: tuple[str, ...]
    off_totals: tuple[Difference, ...]
    age: Age | None
    logs: evidence.Evidence | None
    engine: EngineUsed | None
    accepted: Given | None
    dispositions: tuple[Disposition, ...]
    since: Since | None
    verdict: str
    settled_weeks: int
    weeks_off: int
    weeks_masked: int
    late_entries: int
    counters: int
    accounts: int
    rows_in_settled_weeks: int

    @property
    def as_of(self) -> datetime:
        """The instant as of which the export was audited, UTC."""
        return self.limits.as_of

    @property
    def export_name(self) -> str:
        """The export folder's name."""
        return Path(self.export).name

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Control totals of the input."""
        return self.ledger.inputs

    @property
    def rejected(self) -> Sequence[Rejected]:
        """Rows that were not accepted."""
        return self.ledger.rejected

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of the accepted entries."""
        return tuple(currency for currency, _ in self.inputs[0].totals)

    @property
    def weeks(self) -> tuple[date, ...]:
        """The first day of each settled week, in order."""
        rows = self.ledger.con.execute(sql.text("audit", "week")).fetchall()
        return tuple(week for week, *_ in rows)

    def walks(self, findings: Iterable[Finding]) -> tuple[Walk, ...]:
        """The walks in which findings stand, each once, in the order of the findings."""
        return Several(walks_of_findings(self.ledger.con, findings))

    def frame(self, name: str, *, approximate: bool = False) -> "pd.DataFrame":
        """A table as a data frame: `finding`, `correction`, or one of the ledger's.

        Args:
            name: of the table; ids are text, as exported, instants UTC.
            approximate: amounts as floating point, for charts; else exact `Decimal`.

        Raises:
            Fault: there is no such table.
        """
        return self._questions.frame(name, approximate=approximate)

    def sql(
        self, query: str, /, *, approximate: bool = False, **parameters: object
    ) -> "pd.DataFrame":
        """Ask a question of all tables at once, `finding`, `correction` and `walk` among them.

        All ids are text, as exported. `$name` in the query is bound to the argument `name`.

        Args:
            query: in DuckDB's SQL.
            approximate: amounts as floating point, for charts; else exact `Decimal`.
            **parameters: what is bound.

        Example:
            `run.sql("FROM finding JOIN entry USING (account_id, entry_id)")`
        """
        return self._questions.ask(query, parameters, approximate=approximate)

    @cached_property
    def _questions(self) -> Questions:
        return Questions(self.ledger, self.findings, self.corrections)

    def __repr__(self) -> str:
        """Say what came of it."""
        found = f"{len(self.findings):,} findings in {self.settled_weeks:,} settled weeks"
        return f"<audit of {self.export_name[:64]!r}: {self.verdict}, {found}>"

    @paused()
    def write(self, folder: str | Path) -> Path:
        """Write the audit's data files and its manifest into a folder, whole or not at all.

        Raises:
            Fault: the folder holds something else than a run, or cannot be written.
        """
        with errors.writing(folder), run_folder.written(Path(folder)) as path:
            self._write(path, Path(folder).parent)
        return Path(folder)

    def _write(self, path: Path, runs: Path) -> None:
        finding.write_csv(path / "findings.csv", self.findings)
        finding.store(self.ledger, self.findings)
        finding.write_parquet(self.ledger, path / "findings.parquet")
        correction.write_csv(path / "corrections.csv", self.corrections)
        replayed = self.ledger.con.table("replay").order(run_folder.REPLAY_ORDER)
        self.ledger.write_parquet(replayed, path / run_folder.REPLAY)
        rejected.write_csv(path / "rejected.csv", self.rejected)
        manifest = json.loads(run_folder.text(self.manifest()))  # as who verifies it reads it
        weeks = self.ledger.con.execute(sql.text("audit", "week")).fetchall()
        summary.write(path / run_folder.SUMMARY, manifest, self.findings, weeks)
        if self.logs:
            self.logs.write(path)
        if workbook.is_available():
            found = (self.findings, self.corrections, self.rejected)
            walks = self.walks(finding.biggest(self.findings, workbook.WALKS_MAX))
            workbook.write(path / workbook.FILE, manifest, *found, walks, evidence.kept(path))
        run_folder.write(path, manifest, runs)

    def manifest(self) -> dict[str, object]:
        """What ran over what, and what came of it; the outputs are added when it is written."""
        profile = self.ledger.profile
        return {
            "verdict": self.verdict,
            "export": self.export,
            "parameters": self.parameters,
            "as_of": self.limits.as_of_text,
            "profile": profiles.as_dict(profile),
            "guessed": [each._asdict() for each in profile.guessed],
            "versions": run_folder.versions(),
            "source": run_folder.source(),
            "rules": {r.name: run_folder.sha256_text(r.query) for r in rule.catalogue()},
            "rule_runs": [run._asdict() for run in self.rule_runs],
            "inputs": [
                i._asdict()
                | {"totals": {currency: f"{total:f}" for currency, total in i.totals}}
                | {"set_aside": dict(i.set_aside)}
                for i in self.inputs
            ],
            "agreement": self.agreement.as_dict(),
            "off_totals": [each._asdict() for each in self.off_totals],
            "age": self.age.as_dict() if self.age else None,
            "invariants": invariants.told(self.violations),
            "corrections_withheld": list(self.withheld),
            "dispositions": disposition.told(self.accepted, self.dispositions),
            "decimals": {each: self.ledger.decimals(each) for each in self.currencies},
            "inferred": self.inferred.as_dict(),
            **({"logs": self.logs.as_dict()} if self.logs else {}),
            **({"engine": self.engine.as_dict()} if self.engine else {}),
            "previous_run": self.since.as_dict() if self.since else None,
            "counts": {
                "settled_weeks": self.settled_weeks,
                "weeks_off": self.weeks_off,
                "weeks_masked": self.weeks_masked,
                "late_entries": self.late_entries,
                "counters": self.counters,
                "accounts": self.accounts,
                "rows_in_settled_weeks": self.rows_in_settled_weeks,
                "findings": len(self.findings),
                "corrections": len(self.corrections),
                "unexplained_days": len(self.open_cents),
            },
        }


@memory.told()
@paused()
def run(  # noqa: PLR0913, PLR0917  one parameter for each of the notebook
    export: str | Path,
    profile: str = "",
    weeks: str = "",
    as_of: str = "",
    previous: str = "",
    dispositions: str = "",
    run_dir: str = "",
    series: str = "",
    log: str = "",
    max_age: str = "",
) -> Audit:
    """Audit an export.

    Args:
        export: the folder of the exported files.
        profile: a built-in name or a TOML file; empty: the built-in one whose files are there.
        weeks: `FROM:TO`, first days of weeks, both included, either may be missing; empty: all.
        as_of: ISO 8601 instant, UTC unless it says otherwise; empty: the last one in the export.
        previous: folder of an earlier export, to find what changed in settled weeks; empty: none.
        dispositions: TOML file of accepted findings; empty: none.
        run_dir: where the run is to go, beside earlier ones that it is compared with; empty: none.
        series: the name under which it is compared; empty: the export's resolved path, the profile.
        log: log files as evidence for causes, one a line; empty: none. A line as
            `log_line_prefix = '%m [%p] '` says how PostgreSQL's plain text log begins its lines.
        max_age: an export whose last row is older, as `36h`, is incomplete; empty: any age will do.

    Raises:
        Fault: the input cannot be worked with.
    """
    parameters = {"profile": profile, "weeks": weeks, "as_of": as_of, "previous": previous}
    parameters["dispositions"] = dispositions
    texts(export=str(export) if isinstance(export, Path) else export, **parameters)
    texts(run_dir=run_dir, series=series, log=log, max_age=max_age)
    parameters["series"] = comparison.series(series, str(export), profile)
    parameters |= {name: v for name, v in (("log", log), ("max_age", max_age)) if v}
    asked.demand(weeks, as_of, previous, log, max_age)
    accepted = disposition.read(dispositions)
    ledger, limits, engine = engines.read(export, parameters)
    steps.run(ledger, limits, is_passed=not log)
    history.load(ledger, previous, ledger.profile)
    inferred, logs = _replayed(ledger, limits, log)
    suspects.whole(ledger)
    rule_runs = rule.run_all(ledger, rule.catalogue())
    findings, disposed = disposition.disposed(finding.assemble(ledger), accepted, limits.as_of)
    limited = tuple(control_totals.differences(Path(export))), age.check(ledger.con, max_age)
    checked = checking.check(ledger, rule_runs, limited)
    told = (findings, rule_runs, checked)
    findings, rule_runs, checked = checking.told(ledger, limits, told, weeks)
    since = comparison.since(run_dir, parameters, limits.as_of_text, findings)
    ledger.con.execute(sql.text("audit", "ruled_drop"))
    suspects.drop(ledger)
    ledger.close(len(findings) * memory.FINDING_BYTES)
    return Audit(
        export=str(export),
        parameters={"export": str(export)} | parameters,
        ledger=ledger,
        limits=limits,
        agreement=agreement.of(ledger.con, ledger.profile, limits.parameters),
        findings=findings,
        rule_runs=Several(rule_runs),
        inferred=inferred,
        logs=logs,
        engine=engine,
        accepted=accepted,
        dispositions=disposed,
        since=since,
        **checked._asdict(),
        **_counts(ledger),
    )


def _counts(ledger: Ledger) -> dict[str, Any]:
    """How many weeks, late rows and accounts there are, by the names of `Audit`."""
    result = ledger.con.execute(sql.text("audit", "summary"))
    names = [column[0] for column in result.description or ()]
    return dict(zip(names, result.fetchall()[0], strict=True))


def _replayed(
    ledger: Ledger, limits: steps.Scope, log: str
) -> tuple[Inferred, evidence.Evidence | None]:
    """Judge the suspect weeks, with the logs as a witness where some were given."""
    contradictions.create(ledger, ())
    if not log:
        return replay.run(ledger, limits), None
    logs = evidence.Evidence(ledger, *log_files.named(log))
    inferred = replay.run(ledger, limits, logs)
    logs.settle()
    return inferred, logs
