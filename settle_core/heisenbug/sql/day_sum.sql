SELECT SUM(amount) FROM ledgers WHERE user_id = $user_id AND date = $date
