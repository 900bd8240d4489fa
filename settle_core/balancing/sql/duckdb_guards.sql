-- What holds for every statement of every program that opens the file, until it drops the guard:
-- DuckDB has no roles. A statement that breaks it fails, with its transaction. Only after-triggers
-- are to be had: an instant that a statement gives itself is refused where it lies in the past, not
-- replaced, and a week is looked at after each statement, not first at the commit.
CREATE TABLE settle.refusal (message VARCHAR);

CREATE TRIGGER entry_not_updated AFTER UPDATE ON settle.entry FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.entry is append-only');

CREATE TRIGGER entry_not_deleted AFTER DELETE ON settle.entry FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.entry is append-only');

CREATE TRIGGER settlement_not_updated AFTER UPDATE ON settle.settlement FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.settlement is append-only');

CREATE TRIGGER settlement_not_deleted AFTER DELETE ON settle.settlement FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.settlement is append-only');

CREATE TRIGGER book_not_updated AFTER UPDATE ON settle.book FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.book is append-only');

CREATE TRIGGER book_not_deleted AFTER DELETE ON settle.book FOR EACH STATEMENT
INSERT INTO settle.refusal SELECT error('append_only||settle.book is append-only');

CREATE TRIGGER entry_given AFTER INSERT ON settle.entry
REFERENCING NEW TABLE AS given FOR EACH STATEMENT
INSERT INTO settle.refusal
SELECT error(
    CASE
        WHEN g.recorded_at < settle.clock()
            THEN 'recorded_before||entry ' || g.entry_id || ' has an instant of the past'
        WHEN g.kind = 'correction'
            THEN
                'unsettled|account ' || g.account_id || ', week ' || g.week_start
                || ' (' || g.currency || ')|'
        ELSE
            'no_answer||' || g.amount || ' ' || g.currency || ' on ' || g.effective_date
            || ' of account ' || g.account_id || ' does not answer entry ' || g.answers
    END
)
FROM given AS g
LEFT JOIN settle.settlement AS s
    ON
        s.account_id = g.account_id
        AND s.currency = g.currency
        AND s.week_start = g.week_start
LEFT JOIN settle.entry AS e ON e.entry_id = g.answers
WHERE
    g.recorded_at < settle.clock()
    OR (g.kind = 'correction' AND s.account_id IS NULL)
    OR (
        g.kind = 'counter'
        AND (
            e.kind = 'entry'
            AND e.account_id = g.account_id
            AND e.currency = g.currency
            AND e.effective_date = g.effective_date
            AND e.amount = -g.amount
            AND e.recorded_at > s.settled_at
        ) IS NOT TRUE
    );

CREATE TRIGGER entry_week AFTER INSERT ON settle.entry
REFERENCING NEW TABLE AS given FOR EACH STATEMENT
INSERT INTO settle.refusal
SELECT error(
    'unbalanced|account ' || w.account_id || ', week ' || w.week_start || ' (' || w.currency
    || ')|a sum of ' || w.total || ', ' || w.unanswered || ' of it unanswered, '
    || 'against a settled amount of ' || w.settled_amount
)
FROM (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        COALESCE(SUM(e.amount), 0) AS total,
        COALESCE(SUM(e.amount) FILTER (
            WHERE e.kind = 'entry' AND e.recorded_at > s.settled_at AND c.answers IS NULL
        ), 0) AS unanswered
    FROM (
        SELECT t.*
        FROM settle.settlement AS t
        SEMI JOIN given AS g
            ON
                g.account_id = t.account_id
                AND g.currency = t.currency
                AND g.week_start = t.week_start
    ) AS s
    LEFT JOIN settle.entry AS e
        ON
            e.account_id = s.account_id
            AND e.currency = s.currency
            AND e.week_start = s.week_start
    LEFT JOIN settle.entry AS c ON c.answers = e.entry_id
    GROUP BY ALL
) AS w
WHERE w.total - w.unanswered <> w.settled_amount;

CREATE TRIGGER settlement_week AFTER INSERT ON settle.settlement
REFERENCING NEW TABLE AS given FOR EACH STATEMENT
INSERT INTO settle.refusal
SELECT error(
    'unbalanced|account ' || w.account_id || ', week ' || w.week_start || ' (' || w.currency
    || ')|a sum of ' || w.total || ', ' || w.unanswered || ' of it unanswered, '
    || 'against a settled amount of ' || w.settled_amount
)
FROM (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        COALESCE(SUM(e.amount), 0) AS total,
        COALESCE(SUM(e.amount) FILTER (
            WHERE e.kind = 'entry' AND e.recorded_at > s.settled_at AND c.answers IS NULL
        ), 0) AS unanswered
    FROM (
        SELECT t.*
        FROM settle.settlement AS t
        SEMI JOIN given AS g
            ON
                g.account_id = t.account_id
                AND g.currency = t.currency
                AND g.week_start = t.week_start
    ) AS s
    LEFT JOIN settle.entry AS e
        ON
            e.account_id = s.account_id
            AND e.currency = s.currency
            AND e.week_start = s.week_start
    LEFT JOIN settle.entry AS c ON c.answers = e.entry_id
    GROUP BY ALL
) AS w
WHERE w.total - w.unanswered <> w.settled_amount;

CREATE TRIGGER settlement_given AFTER INSERT ON settle.settlement
REFERENCING NEW TABLE AS given FOR EACH STATEMENT
INSERT INTO settle.refusal
SELECT error('recorded_before||a settlement of an instant of the past')
FROM given AS g
WHERE g.settled_at < settle.clock();
