-- Whether an account is settled in several currencies.
SELECT COUNT(*) > COUNT(DISTINCT account_id) AS is_in_several
FROM pass_account
