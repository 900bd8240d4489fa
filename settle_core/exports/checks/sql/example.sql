-- A week that disagrees as it was read and agrees by another reading; without a name, any that
-- disagrees. Of few digits, so that it can be told.
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    w.settled_amount,
    w.read_amount
FROM read_week AS w
LEFT JOIN other_reading AS o
    ON
        o.account_id = w.account_id
        AND o.currency = w.currency
        AND o.week_start = w.week_start
        AND o.name = $name
WHERE
    NOT w.is_agreeing
    AND ($currency = '' OR w.currency = $currency)
    AND (
        $name = ''
        OR (
            CAST(o.settled_amount AS DECIMAL(38, 8)) * $settled_times
            = CAST(o.read_amount AS DECIMAL(38, 8)) * $read_times
            AND o.settled_amount <> 0
        )
    )
ORDER BY w.week_start, account_id
LIMIT 1
