"""The answer in sentences that a controller understands, every number taken from the audit."""

import shlex
from collections import Counter
from collections.abc import Sequence

from settle_core import formats
from settle_core.audit.audit import Audit
from settle_core.contract import Finding
from settle_core.report import aggregates
from settle_core.rules import rule

QUESTION = "Did the settled weeks keep their amounts?"

_NOTHING_LEFT = ", and nothing is left to do."
_ANSWERS = {
    "reconciled": f"Yes, all of them{_NOTHING_LEFT}",
    "pending": "Yes so far; late entries still wait for their counter-entries.",
    "masked": "They do now, but only because later counter-entries took earlier wrong ones back.",
    "incomplete": "Not known: the audit is not complete, and what it did not see proves nothing.",
}
CAUSES = {
    "stale_read": "the job's own counter-entry not seen",
    "race": "another job's counter-entry not seen",
    "repeated_job": "a job that ran again answered again",
    "lost_job": "a job that never answered",
    "unknown": "the data does not tell why",
}
HOW_TO_READ = (
    "Effect: what a row put the sum of its day off by, posted minus owed; the effects of a day's "
    "findings add up to its residual, to the cent. Proved: the data allows no other cause; "
    "consistent: it agrees with the cause; undetermined: it does not tell. Masked: a later "
    "counter-entry took the break back, so no sum shows it any more."
)
_CLAUSES = {
    "stale_read": "the writer did not see what its own job had just posted",
    "race": "the writer did not see what another job was posting at the same time",
    "repeated_job": "a job ran again and answered once more what it had answered",
    "lost_job": "the job that should have answered left nothing behind",
    "unknown": "the data does not tell why",
}


def answer(audit: Audit) -> str:
    """Answer the question in one line, with what the reading leaves in doubt."""
    doubts = [*guessed_kinds(audit), *audit.agreement.doubts()]
    answered = _answered(audit)
    if doubts:
        answered = answered.replace(_NOTHING_LEFT, ".")
    return " ".join([answered, *map(_sentence, doubts)])


def guessed_kinds(audit: Audit) -> list[str]:
    """Say that what marks counter-entries was guessed: where that is wrong, so is all else."""
    kinds = [each for each in audit.ledger.profile.guessed if each.is_kind]
    if not kinds:
        return []
    told = formats.brief(", ".join(f"{each.key} = {each.value}" for each in kinds), 160)
    said = (
        f"what marks counter-entries was guessed ({told}): by a wrong guess every finding is wrong"
    )
    return [said]


def agreement(audit: Audit) -> str:
    """Say in how many settled weeks the settled amount is what was recorded by then, and how sure.

    What marks counter-entries may have been guessed.
    """
    return " ".join(map(_sentence, [*audit.agreement.lines(), *guessed_kinds(audit)]))


def _sentence(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}."


def _answered(audit: Audit) -> str:
    if audit.verdict == "reconciled" and audit.weeks_off:
        off, weeks = formats.count(audit.weeks_off), formats.count(audit.settled_weeks)
        return f"Not {off} of {weeks}, but what is off there is accepted."
    if audit.verdict != "broken":
        return _ANSWERS[audit.verdict]
    if not audit.weeks_off:
        return "Their sums did, but not every row in them is right."
    weeks = formats.count(audit.settled_weeks)
    return f"No: {formats.count(audit.weeks_off)} of {weeks} did not."


def none(audit: Audit, what: str) -> str:
    """Say that there is none of something, as far as an incomplete audit can say so."""
    return f"{what}, among what was examined." if audit.verdict == "incomplete" else f"{what}."


def trial(audit: Audit) -> str:
    """The command that tells how well faults would be found in this export."""
    profile = audit.parameters["profile"]
    chosen = ["--profile", profile] if profile else []
    return shlex.join(["settle", "simulate", "--power", audit.export, *chosen])


def story(audit: Audit) -> list[str]:
    """Tell the whole story: how many weeks and entries, why, how sure, how much is masked."""
    found = aggregates.breaks(audit.findings)
    said = [_incomplete(audit)] if audit.verdict == "incomplete" else []
    said += [_weeks(audit), _late(audit)]
    wrong = aggregates.wrong_counters(audit.findings)
    if wrong:
        said.append(f"{formats.count(len(wrong), 'counter-entry is', 'counter-entries are')} wrong")
        said[-1] += f": {_why(wrong)}."
    masked = sum(finding.status == "masked" for finding in wrong)
    if masked:
        which = formats.count(masked, "of them was", "of them were")
        if masked == len(wrong):
            which = "It was" if masked == 1 else "All of them were"
        show = "shows" if masked == 1 else "show"
        said.append(f"{which} absorbed by later counter-entries and no longer {show} in any sum.")
    missing = [f for f in aggregates.not_answered(found) if f.status != "pending"]
    if missing:
        count = formats.count(len(missing), "late entry has", "late entries have")
        said.append(f"{count} no counter-entry: {_why(missing)}.")
    pending = [f for f in found if f.status == "pending"]
    if pending:
        count = formats.count(len(pending), "late entry is", "late entries are")
        said.append(f"{count} within the grace period and may still be answered.")
    accepted = [f for f in audit.findings if f.status == "accepted"]
    if accepted:
        count = formats.count(len(accepted), "finding is", "findings are")
        said.append(f"{count} accepted or put right, and counted no longer.")
    return [sentence for sentence in [*said, _others(audit), _lapsed(audit)] if sentence]


def _lapsed(audit: Audit) -> str:
    """Count the acceptances that hold no longer."""
    lapsed = sum(each.state != "accepted" for each in audit.dispositions)
    count = formats.count(lapsed, "acceptance holds", "acceptances hold")
    return f"{count} no longer." if lapsed else ""


def _incomplete(audit: Audit) -> str:
    problems = aggregates.problems(audit)
    said = f"This audit is not complete: {', '.join(problems)}." if problems else ""
    return f"{said} What follows holds only for what was examined.".strip()


def _weeks(audit: Audit) -> str:
    weeks = formats.count(audit.settled_weeks, "settled week")
    is_one = audit.settled_weeks == 1
    if audit.weeks_off:
        which = "The one settled week" if is_one else f"{formats.count(audit.weeks_off)} of {weeks}"
        has, its = ("has", "its") if audit.weeks_off == 1 else ("have", "their")
        if audit.verdict == "pending":
            return f"{which} {has} not yet come back to {its} settled amount."
        return f"{which} no longer {has} {its} settled amount."
    if audit.verdict == "incomplete":
        return f"Of {weeks} that could be examined, none is off."
    if is_one:
        return "The one settled week has its settled amount."
    return f"All {weeks} have their settled amounts."


def _late(audit: Audit) -> str:
    if not audit.late_entries:
        return "No entry was recorded after its week was settled, so nothing had to be answered."
    late = formats.count(audit.late_entries, "entry was", "entries were")
    counters = formats.count(audit.counters, "counter-entry", "counter-entries")
    end = ", and they agree to the cent" if audit.verdict == "reconciled" else ""
    came = f"{counters} followed" if audit.counters else "no counter-entry followed"
    return f"{late} recorded after settlement, {came}{end}."


def _why(findings: Sequence[Finding]) -> str:
    """Say why, by cause and evidence, the most frequent first."""
    counts = Counter((finding.cause, finding.evidence) for finding in findings)
    parts = []
    for (cause, evidence), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        clause = _CLAUSES.get(cause, formats.words(cause))
        known = f" ({formats.words(cause)}, {evidence})" if cause != "unknown" else ""
        parts.append((number, f"{clause}{known}"))
    if len(parts) == 1:
        number, clause = parts[0]
        return f"in each of them {clause}" if number > 1 else clause
    return "; ".join(f"in {formats.count(number)} {clause}" for number, clause in parts)


def _others(audit: Audit) -> str:
    """Name what rules found beyond the counter-entries and the weeks that are off."""
    titles = {run.rule: run.title for run in audit.rule_runs}
    rules = {f.rule: rule.of(f.rule) for f in audit.findings}
    known = {name for name, of in rules.items() if of.is_of_rows or of.effect == "residual"}
    counts = Counter(f.rule for f in audit.findings if f.rule not in known)
    return " ".join(
        f"{titles.get(rule, formats.words(rule))}: {formats.count(number, 'time')}."
        for rule, number in sorted(counts.items())
    )


def since(audit: Audit) -> str:
    """Say when the first and the last wrong counter-entry came, and from how many jobs."""
    wrong = [f for f in aggregates.wrong_counters(audit.findings) if f.recorded_at is not None]
    if not wrong:
        return none(audit, "No wrong counter-entry")
    ordered = sorted(wrong, key=lambda f: (f.recorded_at is None, f.recorded_at, f.entry_id))
    first, last = ordered[0], ordered[-1]
    if first is last:
        return f"Once: {_when(first)}."
    jobs = {finding.job_id for finding in wrong}
    said = f"First {_when(first)}; last {_when(last)}."
    if jobs != {""}:
        said += f" Posted by {formats.count(len(jobs - {''}), 'job')}"
        said += ", and rows that name none." if "" in jobs else "."
    if first.recorded_at and last.recorded_at and first.recorded_at < last.recorded_at:
        length = (last.recorded_at - first.recorded_at).total_seconds()
        said += f" No wrong counter-entry was recorded outside these {formats.span(length)}."
    return said


def _when(finding: Finding) -> str:
    at = formats.instant(finding.recorded_at) if finding.recorded_at else "at no known time"
    job = f" (job {formats.abbreviate([finding.job_id])[finding.job_id]})" if finding.job_id else ""
    return f"{at}, entry {formats.brief(finding.entry_id, 24)}{job}"


def set_aside(audit: Audit) -> list[str]:
    """Say which rows the profile set aside."""
    said = []
    for each in audit.inputs:
        values = [
            f"{formats.clean(what)} {formats.count(rows)}" for what, rows in each.set_aside[:5]
        ]
        values += ["others"] if len(each.set_aside) > len(values) else []
        if values:
            said.append(
                f"Set aside by the profile in {each.name}, not audited: {', '.join(values)}."
            )
    return said


def restores(audit: Audit) -> str:
    """Say what a counter-entry restores, and where that is known from."""
    profile, inferred = audit.ledger.profile, audit.inferred
    policy: str = profile.balancing.policy
    level: str = profile.balancing.level
    basis = []
    if policy == "auto":
        policy = inferred.policy.majority()
        basis.append(f"policy {_votes(inferred.policy.total, policy, inferred.policy.hints)}")
    if level == "auto":
        level = inferred.level.majority()
        basis.append(f"level {_votes(inferred.level.total, level)}")
    said = f"Each counter-entry brings the {level}'s sum back to what was settled"
    if policy == "delta":
        said = f"Each counter-entry answers one late entry of its {level}"
    said += f": {'; '.join(basis)}." if basis else ", by the profile."
    return " ".join((said + _moved(audit), *inferred.says))


def _moved(audit: Audit) -> str:
    """Say that the clock was not believed at a settlement; empty if it was."""
    if not (moved := audit.inferred.rows_moved):
        return ""
    near = formats.span(audit.ledger.profile.clock.skew_seconds)
    rows = formats.count(moved, "row was", "rows were")
    return (
        f" {rows} recorded within {near} of a settlement and on the other side of it than the"
        " clock says: only so do the settled amounts hold."
    )


def _votes(total: Counter[str], value: str, hints: Counter[str] | None = None) -> str:
    if not total and hints:
        return f"{value} inferred from {formats.count(hints[value], 'day')} that look like it"
    if not total:
        return f"{value} assumed, nothing tells"
    others = "".join(
        f", {other} from {formats.count(number)}"
        for other, number in sorted(total.items())
        if other != value and number
    )
    which = f"{formats.count(total[value])} of {formats.count(total.total())}"
    return f"{value} inferred from {which} that tell{others}"


def put_right(audit: Audit) -> str:
    """Say what is proposed, in all, by currency; empty if nothing is."""
    if not audit.corrections:
        return ""
    sums = []
    for currency in audit.currencies:
        amounts = [c.amount for c in audit.corrections if c.currency == currency]
        if amounts:
            sums.append(
                f"{formats.signed(sum(amounts[1:], amounts[0]))} {formats.brief(currency, 12)}"
            )
    proposed = formats.count(len(audit.corrections), "proposed entry", "proposed entries")
    return f"{proposed}, {', '.join(sums)} in all"
