INSERT INTO ledgers (user_id, date, amount, kind, memo, job_id)
VALUES ($user_id, $date, $amount, 'counter', $memo, $job_id)
RETURNING id
