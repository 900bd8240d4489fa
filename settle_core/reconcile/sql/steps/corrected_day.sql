-- Corrections that were posted to days of settled weeks.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    CAST(SUM(amount) AS money) AS corrected,
    STRING_AGG(CAST(entry_id AS VARCHAR), ', ' ORDER BY entry_id) AS correction_ids
FROM late_row
WHERE kind = 'correction'
GROUP BY account_id, currency, week_start, effective_date
