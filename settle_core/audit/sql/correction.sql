-- The proposed corrections of a run, for those who ask questions of their own.
CREATE OR REPLACE TABLE correction (
    correction_id VARCHAR,
    account_id VARCHAR,
    effective_date DATE,
    amount money,
    currency VARCHAR,
    finding_ids VARCHAR
)
