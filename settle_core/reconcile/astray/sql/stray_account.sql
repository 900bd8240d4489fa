-- The accounts of counter-entries that may be the answer to a late entry elsewhere.
SELECT DISTINCT
    account_id,
    currency
FROM stray_counter
