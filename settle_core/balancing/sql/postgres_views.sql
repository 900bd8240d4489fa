-- What is exported: the names of the data contract.
CREATE VIEW settle.entries AS
SELECT
    entry_id,
    account_id,
    effective_date,
    amount,
    kind,
    recorded_at,
    job_id,
    attempt,
    answers,
    currency,
    memo,
    observed,
    last_seen
FROM settle.entry;

CREATE VIEW settle.settlements AS
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
FROM settle.settlement;
