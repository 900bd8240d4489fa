INSERT INTO ledgers (user_id, date, amount, kind, memo, job_id)
VALUES ($user_id, $date, $amount, 'entry', 'late', $job_id)
RETURNING id
