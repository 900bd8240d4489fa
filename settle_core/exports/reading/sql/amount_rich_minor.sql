-- As amount_rich.sql, of minor units.
CREATE OR REPLACE MACRO amount_of(value, pattern, decimal, factor, marks) AS
CASE
    WHEN REGEXP_FULL_MATCH(BARE(value, marks), pattern)
        THEN
            TRY_CAST(
                TRY_CAST(
                    CASE WHEN REGEXP_MATCHES(BARE(value, marks), '[-(]') THEN '-' ELSE '' END
                    || REPLACE(
                        REGEXP_REPLACE(BARE(value, marks), '[^0-9' || decimal || ']', '', 'g'),
                        decimal,
                        '.'
                    ) AS DECIMAL(18, 0)
                ) * factor AS money
            )
END
