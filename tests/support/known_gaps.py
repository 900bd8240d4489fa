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

# Cases of tests/data/minimal.
MINIMAL: Final[set[str]] = {
    # of what is said of rows, and proposed
    "flow_01_corrected_lost_entry",
    "flow_01c_two_days",
    "flow_02b_edit_offset_day_level",
    "flow_02c_after_the_correction",
    "flow_03_split",
    "flow_04_double_delivery",
    "flow_04b_rerun_1s_no_attempt",
    "flow_05_lost_and_repeated",
    "flow_06_today",
    "flow_07_manual_fix",
    "flow_08_capped",
    "flow_08d_proved_on_a_capped_system",
    "flow_09_resettled",
    "flow_10_9_faults_1s",
    "flow_11_week_story",
    "flow_13_dst",
    "flow_14_job_is_class",
    "flow_15_skew_ids_tell",
    "flow_17_absorbed",
    "flow_19b_after_the_correction",
    "flow_24_near_answer_told_as_old_read",
    "flow_24b_its_correction_imported",
    "report_01e-partial-credits-then-late",
    "report_01g-swapped-refunds-and-another-late",
    "report_01h-credit-note-of-two-lines",
    "report_02-date-moved-into-settled-week",
    "report_03-unposted-and-posted-again",
    "report_09c-reversed-in-the-open-week",
    "report_12-null-marker-null",
    "report_13-worker-host-taken-for-a-job",
    "report_16b-trailing-minus",
    "report_19-hour-that-comes-twice",
    "report_36-reopened-and-settled-again",
    "report_41-clerks-correction-in-a-settled-week",
    # of how an export is read
    "report_14-debit-and-credit-columns",
    "report_15-unsigned-amount-and-a-side",
    "report_18-yen-beside-euro-in-minor-units",
    "report_24-account-without-a-settlement-row",
    "report_26-kind-is-null-for-plain-rows",
    "report_28b-day-and-month-told-by-the-weekday",
    "report_30b-csv-ids-with-point-zero",
    "report_39-week-ending",
}
