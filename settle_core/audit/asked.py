"""What an audit is asked, held to its form before a row is read: there may be many of them."""

from settle_core.audit import age
from settle_core.exports import history
from settle_core.logs.scanned import files
from settle_core.reconcile.walk import steps
from settle_core.spark import reading


def demand(weeks: str, as_of: str, previous: str, log: str, max_age: str) -> None:
    """Raise Fault unless what is asked can be; see `audit.run`.

    Args:
        weeks: `FROM:TO`.
        as_of: an instant.
        previous: folder of an earlier export.
        log: log files, one a line.
        max_age: a span of time.
    """
    reading.master_named(log)
    steps.asked(weeks, as_of)
    if max_age:
        age.span(max_age)
    if previous:
        history.demand_there(previous)
    if log:
        paths, prefix = files.named(log)
        files.recognise(paths, files.readers(prefix))
