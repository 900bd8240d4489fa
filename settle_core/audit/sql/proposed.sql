-- The fewest entries that put every open break of some weeks right: minus the open effects of an
-- account's day, see `correction.propose`.
CREATE OR REPLACE TABLE ruled.proposed AS
WITH RECURSIVE told AS (
    SELECT
        f.rowid AS place,
        f.finding_id,
        f.account_id,
        f.currency,
        f.week_start,
        f.effective_date,
        f.entry_id,
        f.effect,
        f.status,
        k.is_of_rows
    FROM finding AS f
    INNER JOIN ruled.kind AS k ON k.rule = f.rule AND k.is_part_of_residual
),

of_entry AS (
    SELECT
        entry_id,
        MAX_BY(finding_id, place) AS finding_id,
        MAX_BY(account_id, place) AS account_id,
        MAX_BY(currency, place) AS currency,
        MAX_BY(week_start, place) AS week_start
    FROM told
    WHERE is_of_rows
    GROUP BY entry_id
),

pair AS (
    SELECT
        a.account_id,
        a.currency,
        a.week_start,
        b.account_id AS other_account_id,
        b.currency AS other_currency,
        b.week_start AS other_week
    FROM stray_half AS h
    INNER JOIN of_entry AS a ON a.entry_id = h.half_id
    INNER JOIN of_entry AS b ON b.entry_id = h.other_id
    WHERE h.stray_kind = 'misplaced'
),

either AS (
    SELECT * FROM pair
    UNION
    SELECT
        other_account_id, other_currency, other_week, account_id, currency, week_start
    FROM pair
),

-- The weeks that nothing is proposed for. Of those that were settled at more than one amount it is
-- not in the data which one counts, of others whether what is open was posted elsewhere already.
held AS (
    (
        SELECT
            CAST(s.account_id AS VARCHAR) AS account_id,
            s.currency,
            s.week_start
        FROM settlement AS s
        INNER JOIN repeated_settlement AS r
            ON
                r.account_id = s.account_id
                AND r.currency = s.currency
                AND r.week_start = s.week_start
        GROUP BY s.account_id, s.currency, s.week_start
        HAVING COUNT(DISTINCT s.settled_amount) > 1
        UNION
        SELECT
            account_id,
            currency,
            week_start
        FROM told
        WHERE is_of_rows AND status = 'pending' AND effect <> 0
        UNION
        SELECT
            t.account_id,
            t.currency,
            t.week_start
        FROM told AS t
        INNER JOIN stray_doubt AS d ON d.entry_id = t.entry_id
        WHERE t.is_of_rows AND t.status = 'open' AND t.effect <> 0
    )
    UNION
    SELECT
        e.other_account_id AS account_id,
        e.other_currency AS currency,
        e.other_week AS week_start
    FROM held AS h
    INNER JOIN either AS e
        ON
            e.account_id = h.account_id
            AND e.currency = h.currency
            AND e.week_start = h.week_start
),

open_one AS (
    SELECT
        *,
        is_of_rows AND effective_date IS NOT NULL AS is_of_day
    FROM told
    ANTI JOIN held USING (account_id, currency, week_start)
    WHERE status = 'open' AND effect <> 0 AND week_start >= $first AND week_start <= $last
),

-- Where a counter-entry stands in another week, it is taken back there: it puts that week off by
-- nothing, so no finding has an effect there.
part AS (
    SELECT
        2 * place AS place,
        account_id,
        currency,
        CASE WHEN is_of_day THEN effective_date ELSE week_start END AS day,
        effect,
        finding_id
    FROM open_one
    UNION ALL
    SELECT
        2 * o.place + 1 AS place,
        s.account_id,
        s.currency,
        s.back_date AS day,
        s.share AS effect,
        e.finding_id
    FROM open_one AS o
    INNER JOIN stray AS s
        ON s.answers_id = o.entry_id AND s.is_in_time AND s.stray_kind = 'misplaced'
    LEFT JOIN of_entry AS e ON e.entry_id = s.entry_id
    WHERE o.is_of_day
),

each_once AS (
    SELECT
        account_id,
        currency,
        day,
        finding_id,
        MIN(place) AS place,
        SUM(effect) AS effect
    FROM part
    GROUP BY account_id, currency, day, finding_id
),

entry_of_day AS (
    SELECT
        account_id,
        currency,
        day,
        MIN(place) AS place,
        CAST(-SUM(effect) AS money) AS amount,
        MIN_BY(finding_id, place) AS first_id,
        STRING_AGG(finding_id, ',' ORDER BY place) AS finding_ids
    FROM each_once
    GROUP BY account_id, currency, day
    HAVING SUM(effect) <> 0
)

SELECT
    'correct-' || first_id
    || CASE
        WHEN ROW_NUMBER() OVER (PARTITION BY first_id ORDER BY place) = 1 THEN ''
        ELSE '-' || CAST(day AS VARCHAR)
    END AS correction_id,
    account_id,
    day AS effective_date,
    amount,
    currency,
    finding_ids,
    place
FROM entry_of_day
ORDER BY place
