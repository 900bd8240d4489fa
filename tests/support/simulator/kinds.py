"""The kinds of system: healthy ones, and ones that go wrong each in its own way."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from simulator.ledger import MS, SECOND
from simulator.system import System


def cached(name: str, **more: Any) -> System:  # noqa: ANN401  choices of a System
    """A story's system: one job for a burst, a check after each entry, its reads cached."""
    return replace(System(name, read="cached", stale=0.6, locked=False), **more)


def shared(name: str, **more: Any) -> System:  # noqa: ANN401
    """A job for each entry, one after the other; sums are kept for all jobs for a while."""
    of = System(name, read="shared", stale=0.6, jobs="entry", lag=30 * SECOND, spread=4 * SECOND)
    return replace(of, **more)


def race(name: str, **more: Any) -> System:  # noqa: ANN401
    """A job for each entry, and nothing that keeps two of them apart."""
    of = System(name, jobs="entry", locked=False, think=(5, 60), spread=40 * MS)
    return replace(of, **more)


def delta(name: str, **more: Any) -> System:  # noqa: ANN401
    """Each late entry is answered by its own job, which looks at nothing else."""
    return replace(System(name, policy="delta", jobs="entry", locked=False), **more)


KINDS: Final = (
    # Healthy ones: nothing may be found.
    System("healthy"),
    System("healthy_per_entry", jobs="entry", think=(1, 5)),
    System("healthy_inline", jobs="inline"),
    System("healthy_nightly", jobs="nightly", bursts=60),
    System("healthy_week", level="week", bursts=60),
    System("healthy_week_per_entry", level="week", jobs="entry"),
    delta("healthy_delta", amounts="usual"),
    delta("healthy_delta_week", level="week"),
    System("healthy_equal_amounts", amounts="few", bursts=70),
    delta("healthy_equal_amounts_delta", amounts="few", bursts=70),
    System("healthy_retried_anew", chances=(("again", 0.3),)),
    System("healthy_net_and_tax", form="split"),
    System("healthy_net_and_tax_no_job", form="split", job_column="none"),
    System("healthy_net_and_tax_class", form="split", job_column="class", level="week"),
    delta("healthy_partial_credits", form="partial", columns=("answers",)),
    System("healthy_capped", form="capped"),
    System("healthy_hot_day", jobs="entry", hot=True, bursts=160, burst_max=2),
    System("healthy_hot_day_week", level="week", hot=True, bursts=120, burst_max=2),
    System("healthy_transaction_starts", jobs="entry", begun=True, think=(20, 400)),
    System("healthy_clock_off", offsets=(0, 5 * SECOND), jobs="entry", bursts=60),
    System("healthy_clocks_within_skew", offsets=(0, 700 * MS, -600 * MS), jobs="entry"),
    System("healthy_ids_in_blocks", ids="blocks", offsets=(0, 3 * MS, -2 * MS), jobs="entry"),
    System("healthy_text_ids", ids="text", jobs="entry"),
    System(
        "healthy_hour_twice",
        zone="Europe/Berlin",
        first=date(2026, 10, 5),
        jobs="entry",
        queue=(2, 1_500_000),
    ),
    System("healthy_border", border=True),
    # The story, and what tells one cause from another.
    cached(
        "cached",
    ),
    cached("cached_usual_amounts", amounts="usual"),
    cached("cached_equal_amounts", amounts="few"),
    cached("cached_week", level="week"),
    cached("cached_run_id", columns=("run_id",)),
    cached(
        "cached_job_is_run",
        job_column="run",
        profile='entries.job_id_means = "run"\n',
    ),
    cached("cached_observed", columns=("observed", "last_seen")),
    cached("cached_no_job", job_column="none"),
    cached("cached_text_ids", ids="text"),
    cached("cached_as_found", as_found=True, hot=True, bursts=20),
    cached("cached_border", border=True),
    cached("cached_hour_twice", zone="Europe/Berlin", first=date(2026, 10, 5)),
    cached("cached_net_and_tax", form="split"),
    cached("cached_net_and_tax_no_job", form="split", job_column="none"),
    shared("cached_shared"),
    shared("cached_shared_week", level="week", lag=300 * SECOND),
    shared("cached_shared_server", cache_of="server", columns=("observed",)),
    shared("cached_shared_burst", jobs="burst"),
    race(
        "race",
    ),
    race("race_usual_amounts", amounts="usual"),
    race("race_week", level="week"),
    race("race_run_id", columns=("run_id",)),
    race("race_job_is_class", job_column="class"),
    race("race_job_is_host", job_column="host"),
    race("race_job_is_null", job_column="NULL"),
    race("race_text_ids", ids="text"),
    race("race_hot_day", hot=True, bursts=90, burst_max=2),
    System("race_nightly_twice", jobs="nightly", locked=False, chances=(("twice", 0.3),)),
    System("snapshot", read="pinned", stale=0.5, locked=False, spread=SECOND),
    System("snapshot_long", read="pinned", stale=0.5, locked=False, pause=(30_000, 400_000)),
    System("replica", read="replica", stale=0.5, jobs="entry", lag=20 * SECOND, spread=9 * SECOND),
    System("replica_near", read="replica", stale=0.5, jobs="entry", lag=300 * MS),
    # Delivered twice, later again, or never.
    System("twice_at_once", locked=False, think=(5, 60), chances=(("twice", 0.3),)),
    System("checkpoint", chances=(("checkpoint", 0.3),), columns=("attempt",)),
    System("checkpoint_no_attempt", chances=(("checkpoint", 0.3),)),
    delta("delta_again", chances=(("again", 0.2),)),
    delta("delta_again_usual", amounts="usual", chances=(("again", 0.2),)),
    delta(
        "delta_again_answers",
        amounts="usual",
        columns=("attempt", "answers"),
        chances=(("again", 0.2),),
    ),
    delta("delta_twice_at_once", chances=(("twice", 0.2),)),
    delta("delta_lost", chances=(("lost", 0.2),)),
    delta("delta_lost_week", level="week", chances=(("lost", 0.2),)),
    delta(
        "delta_lost_and_again",
        amounts="few",
        chances=(("lost", 0.15), ("again", 0.15), ("negative", 0.0)),
    ),
    System("lost", chances=(("lost", 0.2),)),
    # Other amounts than were owed.
    System("capped_and_killed", form="capped", chances=(("killed", 0.3),)),
    System("rounded", form="rounded"),
    delta("rounded_delta", form="rounded"),
    delta("rounded_delta_answers", form="rounded", columns=("answers",)),
    # Answers that stand elsewhere.
    delta("other_day", chances=(("other_day", 0.15),)),
    delta("other_account", chances=(("other_account", 0.15),)),
    delta("other_week", chances=(("other_week", 0.15),)),
    delta("open_week", chances=(("open_week", 0.2),)),
    delta("open_week_answers", columns=("answers",), chances=(("open_week", 0.2),)),
    delta("open_week_again", chances=(("again", 0.2), ("again_open", 1.0))),
    delta(
        "open_week_again_answers",
        amounts="few",
        columns=("answers",),
        chances=(("again", 0.2), ("again_open", 1.0)),
    ),
    # History changed after the settlement.
    System("edited", chances=(("edit", 0.4),)),
    delta("edited_delta", chances=(("edit", 0.4),)),
    System("edited_before_known", previous=True, chances=(("edit", 0.4),)),
    System("removed", chances=(("remove", 0.4),)),
    delta("removed_delta", previous=True, chances=(("remove", 0.4),)),
    delta("moved_week", previous=True, chances=(("move_week", 0.3),)),
    delta("moved_account", previous=True, chances=(("move_account", 0.3),)),
    delta("replaced", previous=True, chances=(("replace", 0.4),)),
    System("replaced_unseen", chances=(("replace", 0.4),)),
    # Rows that put something right, or nothing.
    cached("clerk_fixes", chances=(("fix", 0.4),)),
    cached("clerk_corrects", fix_kind="correction", chances=(("fix", 0.4),)),
    delta(
        "clerk_corrects_delta",
        fix_kind="correction",
        chances=(("lost", 0.2), ("fix", 0.4)),
    ),
    delta("wrong_corrections", chances=(("wrong_correction", 0.3),)),
    delta("orphans", chances=(("orphan", 0.3),)),
    System("settled_again", chances=(("resettle", 0.3),)),
    System("not_all_settled", chances=(("unsettled", 0.2),)),
    # Clocks that are off, with faults.
    cached("cached_clock_off", offsets=(0, 5 * SECOND)),
    race("race_clock_off", offsets=(0, 5 * SECOND), profile="clock.skew_seconds = 10\n"),
    # Several systems in one export.
    cached(
        "two_systems",
        others=(delta("", chances=(("again", 0.15), ("lost", 0.1))),),
    ),
    cached("changed_system", then=delta("", chances=(("again", 0.15),))),
)
BY_NAME: Final = {system.name: system for system in KINDS}
