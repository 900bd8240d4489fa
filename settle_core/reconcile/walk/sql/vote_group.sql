-- The votes of each account with a week to replay, and of the others how many vote alike.
SELECT
    CASE WHEN is_replayed THEN account_id ELSE '' END AS account_id,
    is_replayed,
    CAST(COUNT(*) AS BIGINT) AS accounts,
    sum_votes,
    delta_votes,
    delta_hints,
    day_votes,
    week_votes,
    even_weeks,
    whole_weeks
FROM vote
GROUP BY ALL
ORDER BY ALL
