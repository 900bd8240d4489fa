-- Milliseconds since 1970 as some web services write them: /Date(1573755038314+0000)/. The offset
-- is only for show.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(value, '\\?/Date\(-?[0-9]{1,14}([+-][0-9]{4})?\)\\?/')
        THEN
            MAKE_TIMESTAMP(
                TRY_CAST(REGEXP_EXTRACT(value, '\((-?[0-9]+)', 1) AS BIGINT) * 1000
            )
END
