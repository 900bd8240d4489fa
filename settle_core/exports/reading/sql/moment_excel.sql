-- Days since 30 December 1899 with a part of a day, as a spreadsheet counts them, on a clock of the
-- profile's zone: to the millisecond, as fine as it keeps them.
CREATE OR REPLACE MACRO moment_of(value, form) AS
CASE
    WHEN REGEXP_FULL_MATCH(CAST(value AS VARCHAR), '[1-9][0-9]{4}(\.[0-9]*)?')
        THEN
            MAKE_TIMESTAMP(
                EPOCH_US(
                    CAST(
                        MAKE_TIMESTAMP(
                            CAST(
                                ROUND(
                                    (TRY_CAST(CAST(value AS VARCHAR) AS DECIMAL(38, 18)) - 25569)
                                    * 86400000
                                ) AS BIGINT
                            ) * 1000
                        ) AS TIMESTAMP WITH TIME ZONE
                    )
                )
            )
END
