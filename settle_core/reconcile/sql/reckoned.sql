-- What became of each fault of the weeks that were reckoned up.
SELECT
    CAST(entry_id AS VARCHAR) AS entry_id,
    CAST(role AS VARCHAR) AS role,
    CAST(status AS VARCHAR) AS status,
    CAST(note AS VARCHAR) AS note
FROM given
