-- Whether it still counts that a week was off when it was settled.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(currency AS VARCHAR) AS currency,
    CAST(week_start AS DATE) AS week_start,
    CAST(status AS VARCHAR) AS status,
    CAST(note AS VARCHAR) AS note
FROM given
