INSERT INTO ledgers (user_id, date, amount, kind, memo)
SELECT
    UNNEST($user_ids::bigint []),
    UNNEST($dates::date []),
    UNNEST($amounts::numeric []),
    'entry',
    'order'
