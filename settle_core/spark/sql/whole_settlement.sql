-- The settlements of pass_settlement.sql in whole numbers; see whole_entry.sql.
SELECT
    account_id,
    CAST(DATE_DIFF('day', DATE '1970-01-01', week_start) AS BIGINT) AS week,
    CAST(
        CAST(settled_amount * CAST($minor_per_major AS DECIMAL(9, 0)) AS DECIMAL(38, 0)) AS BIGINT
    ) AS minor,
    CAST(
        DATE_DIFF('microsecond', TIMESTAMP '1970-01-01 00:00:00', settled_at) AS BIGINT
    ) AS settled_us
FROM pass_settlement
