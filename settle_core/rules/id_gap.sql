-- /// rule
-- title      = "Ids are missing among the entries of a settled week"
-- severity   = "info"
-- breaks     = "told"
-- population = "entry"
-- reads      = ["entry", "id_neighbour", "audited_week", "previous_entry"]
-- since      = "0.1.0"
-- [params]
-- dense_share = 0.9
-- usual_share = 0.001
-- ///
--
-- Rows that were in time have other ids than the next ones: one that stood between may be gone.
-- A sequence skips ids by itself where a transaction fails, so a gap says something only where ids
-- are whole numbers, at least dense_share of them are there, and gaps are rare: one, and
-- usual_share of the rows. Gaps beside late rows, whose jobs fail and run again, are not told, nor
-- those whose rows an earlier export had: missing_history names these.
-- /// example
-- name  = "one id is missing"
-- finds = ["7/2026-01-05"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-05         1.00  entry    2026-01-05T09:00:00Z         -
-- 2         7           2026-01-05         1.00  entry    2026-01-05T10:00:00Z         -
-- 3         7           2026-01-06         1.00  entry    2026-01-06T09:00:00Z         -
-- 4         7           2026-01-06         1.00  entry    2026-01-06T10:00:00Z         -
-- 5         7           2026-01-07         1.00  entry    2026-01-07T09:00:00Z         -
-- 7         7           2026-01-08         1.00  entry    2026-01-08T09:00:00Z         -
-- 8         7           2026-01-08         1.00  entry    2026-01-08T10:00:00Z         -
-- 9         7           2026-01-09         1.00  entry    2026-01-09T09:00:00Z         -
-- 10        7           2026-01-09         1.00  entry    2026-01-09T10:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05            9.00  2026-01-12T03:00:00Z
-- '''
-- ///
-- /// example
-- name  = "ids are not dense"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 10        7           2026-01-05         1.00  entry    2026-01-05T09:00:00Z         -
-- 12        7           2026-01-06         1.00  entry    2026-01-06T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05            2.00  2026-01-12T03:00:00Z
-- '''
-- ///
WITH gap AS (
    SELECT n.id, n.next_id, n.row_count, COUNT(*) OVER () AS gaps
    FROM id_neighbour AS n
    LEFT JOIN previous_entry AS p
        ON TRY_CAST(p.entry_id AS BIGINT) > n.id AND TRY_CAST(p.entry_id AS BIGINT) < n.next_id
    WHERE n.row_count >= $dense_share * n.span
    GROUP BY n.id, n.next_id, n.row_count
    HAVING COUNT(p.entry_id) < n.next_id - n.id - 1
),
in_time AS (
    SELECT e.entry_id, w.account_id, w.currency, w.week_start
    FROM entry AS e
    INNER JOIN (
        SELECT DISTINCT UNNEST([id, next_id]) AS id
        FROM gap
        WHERE gaps <= 1 + row_count * $usual_share
    ) AS g ON g.id = TRY_CAST(e.entry_id AS BIGINT)
    INNER JOIN audited_week AS w
        ON
            w.account_id = e.account_id
            AND w.currency = e.currency
            AND e.effective_date BETWEEN w.week_start AND w.week_start + 6
            AND e.recorded_at <= w.settled_at
)
SELECT
    CAST(a.account_id AS VARCHAR) AS account_id,
    a.currency,
    a.week_start,
    CAST(0 AS money) AS amount,
    CAST(0 AS money) AS expected_amount,
    CAST(0 AS money) AS effect,
    STRING_AGG(
        CASE WHEN g.next_id = g.id + 2 THEN 'Id ' ELSE 'Ids from ' || g.id + 1 || ' to ' END
        || g.next_id - 1, ', ' ORDER BY g.id
    ) || ' missing among ' || g.row_count || ' rows of successive ids.' AS explanation
FROM gap AS g
INNER JOIN in_time AS a ON TRY_CAST(a.entry_id AS BIGINT) = g.id
INNER JOIN in_time AS b ON TRY_CAST(b.entry_id AS BIGINT) = g.next_id
WHERE g.gaps <= 1 + g.row_count * $usual_share
GROUP BY a.account_id, a.currency, a.week_start, g.row_count
