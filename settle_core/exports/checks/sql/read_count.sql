-- In how many of the sample's weeks the settled amount is what was recorded by then, by currency.
SELECT
    currency,
    CAST(COUNT(*) AS BIGINT) AS weeks,
    CAST(COUNT(*) FILTER (WHERE is_agreeing) AS BIGINT) AS agreeing,
    CAST(COUNT(*) FILTER (WHERE is_telling) AS BIGINT) AS telling,
    CAST(COUNT(*) FILTER (WHERE is_telling AND is_agreeing) AS BIGINT) AS telling_agreeing
FROM read_week
GROUP BY currency
ORDER BY currency
