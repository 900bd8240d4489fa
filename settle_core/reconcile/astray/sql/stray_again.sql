-- Of stray_spare those that answer once more what is answered in its own settled week as well: that
-- money is countered twice. One is such if it names a late entry that does not wait for it; or if
-- it names none, has the job of a late one of that amount, or the job and moment of a late
-- counter-entry of its amount, and its own week has no entry that it may have been written for. One
-- that was taken back is none; by what is such itself, or answers another entry, nothing is.
WITH alike AS MATERIALIZED (
    SELECT
        c.entry_id,
        CAST(e.entry_id AS VARCHAR) AS home_id,
        week_of(e.effective_date, $week_offset_days) AS home_week,
        e.account_id,
        e.currency,
        e.effective_date AS home_date,
        e.recorded_at,
        e.kind,
        week_of(e.effective_date, $week_offset_days)
        = week_of(c.effective_date, $week_offset_days) AS is_of_its_week,
        c.answers = CAST(e.entry_id AS VARCHAR) AS is_named,
        COALESCE(
            e.job_id = c.job_id
            AND ABS(DATE_DIFF('microsecond', e.recorded_at, c.recorded_at))
            <= CASE WHEN e.kind = 'entry' THEN $grace_us ELSE $moment_us END,
            FALSE
        ) AS is_of_its_job,
        e.kind <> 'correction'
        AND CASE WHEN e.kind = 'entry' THEN -e.amount ELSE e.amount END = c.amount
        AND DATE_DIFF('microsecond', e.recorded_at, c.recorded_at) > -$skew_us AS is_home,
        e.kind <> 'entry' AND e.amount = -c.amount AND e.recorded_at >= c.recorded_at AS is_back,
        e.entry_id IN (SELECT m.entry_id FROM moved_row AS m) AS is_moved
    FROM stray_spare AS c
    INNER JOIN entry AS e
        ON
            e.account_id = c.account_id
            AND e.currency = c.currency
            AND ABS(e.amount) = ABS(c.amount)
            AND e.entry_id <> c.entry_id
    WHERE e.recorded_at <= $as_of
),

at_home AS (
    SELECT
        h.*,
        ROW_NUMBER() OVER (
            PARTITION BY h.entry_id
            ORDER BY h.is_named DESC NULLS LAST, h.kind DESC, h.recorded_at DESC, h.home_id
        ) AS place
    FROM alike AS h
    INNER JOIN audited_week AS a
        ON
            a.account_id = h.account_id
            AND a.currency = h.currency
            AND a.week_start = h.home_week
            AND (h.recorded_at > a.settled_at) <> h.is_moved
    WHERE
        h.is_home
        AND NOT h.is_of_its_week
        AND (h.is_named OR (h.is_named IS NULL AND h.is_of_its_job))
        AND h.home_id NOT IN (SELECT r.entry_id FROM judged_row AS r WHERE r.role = 'uncountered')
),

taken_back AS (
    SELECT b.entry_id
    FROM alike AS b
    WHERE
        b.is_back
        AND (
            b.kind = 'correction'
            OR (
                b.home_id IN (SELECT CAST(t.entry_id AS VARCHAR) FROM timely_counter AS t)
                AND b.home_id NOT IN (SELECT CAST(h.entry_id AS VARCHAR) FROM at_home AS h)
                AND b.home_id NOT IN (SELECT s.entry_id FROM stray AS s)
            )
        )
)

SELECT
    CAST(c.entry_id AS VARCHAR) AS entry_id,
    CAST(c.account_id AS VARCHAR) AS account_id,
    c.currency,
    h.home_week AS week_start,
    c.effective_date,
    c.amount,
    CAST(0 AS money) AS expected_amount,
    CAST(0 AS money) AS effect,
    'masked' AS status,
    c.job_id,
    c.recorded_at,
    'Counter-entry ' || CAST(c.amount AS VARCHAR) || ' stands in a week that '
    || CASE WHEN c.is_open THEN 'is open' ELSE 'was settled with it' END || ' and belongs to '
    || CASE WHEN h.kind = 'entry' THEN 'late entry ' ELSE 'counter-entry ' END
    || h.home_id || ' on ' || CAST(h.home_date AS VARCHAR)
    || ', whose day is answered without it: that money was countered twice, though no settled week'
    || ' is off.' AS explanation
FROM stray_spare AS c
INNER JOIN at_home AS h ON h.entry_id = c.entry_id AND h.place = 1
WHERE
    (
        h.is_named
        OR NOT EXISTS (
            SELECT 1
            FROM alike AS own
            WHERE
                own.entry_id = c.entry_id
                AND own.is_home
                AND own.kind = 'entry'
                AND own.is_of_its_week
        )
    )
    AND c.entry_id NOT IN (SELECT b.entry_id FROM taken_back AS b)
