-- The settled weeks under audit, as scope has them; those that the pass has finished, too.
SELECT
    account_id,
    currency,
    week_start,
    settled_amount,
    settled_at
FROM scope
