"""What is known not to hold yet. Who makes one hold takes it from here; a test insists on it."""

from typing import Final

# Kinds of `simulator.kinds` at the seed of tests/reconcile/test_systems.py.
QUICK_SYSTEMS: Final = {
    "healthy_net_and_tax",
    "healthy_partial_credits",
    "healthy_clock_off",
    "healthy_hour_twice",
    "cached",
    "race_job_is_class",
    "twice_at_once",
    "delta_lost_and_again",
    "other_account",
    "open_week",
    "edited",
    "clerk_corrects",
    "two_systems",
}

# Likewise at any of the seeds of `make simulate`.
SYSTEMS: Final[set[str]] = set(QUICK_SYSTEMS)
