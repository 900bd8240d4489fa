-- Weeks with late rows that the pass has finished: every day plain, settled at its sum. They are in
-- no other table of the walk. Without the pass there are none.
SELECT
    account_id,
    CAST(0 AS BIGINT) AS sum_days,
    FALSE AS has_counter,
    FALSE AS is_even_throughout
FROM entry
WHERE FALSE
