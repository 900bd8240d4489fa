-- How long this session waits for a lock; what it was before.
SELECT current_setting('lock_timeout'), set_config('lock_timeout', $wait, $is_local)
