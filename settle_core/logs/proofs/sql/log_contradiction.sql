-- Rows of which the logs and the ledger tell different things, in settled weeks.
CREATE OR REPLACE TABLE main.log_contradiction AS
SELECT
    w.account_id,
    COALESCE(e.currency, w.currency) AS currency,
    w.week_start,
    CAST(t.effective_date AS DATE) AS effective_date,
    CAST(t.entry_id AS VARCHAR) AS entry_id,
    CAST(t.amount_minor AS DECIMAL(38, 6)) / $minor_per_major AS amount,
    CAST(t.logged_minor AS DECIMAL(38, 6)) / $minor_per_major AS logged_amount,
    CAST(t.told AS VARCHAR) AS told
FROM told AS t
INNER JOIN settled_week AS w
    ON
        CAST(w.account_id AS VARCHAR) = t.account_id
        AND CAST(t.effective_date AS DATE) BETWEEN w.week_start AND w.week_start + 6
LEFT JOIN late_row AS e ON CAST(e.entry_id AS VARCHAR) = t.entry_id
WHERE e.currency IS NULL OR e.currency = w.currency
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY
        t.told,
        CASE WHEN NOT t.is_other THEN t.entry_id END,
        CASE WHEN NOT t.is_other THEN t.account_id END,
        CASE WHEN NOT t.is_other THEN t.effective_date END,
        CASE WHEN NOT t.is_other THEN t.logged_minor END
    ORDER BY t.effective_date, t.account_id, t.logged_minor, w.currency
) = 1
