-- Likewise.
SELECT account_id + number * $accounts AS account_id, week_start, settled_amount, settled_at
FROM (SELECT *, UNNEST(RANGE($copies)) AS number FROM settlements)
