-- The statement that computes the control totals of these columns; the same as control_totals.sql
-- does of a file. A scale is NULL where the column is not numeric.
SELECT format(
    'SELECT COUNT(*), COALESCE(CAST(SUM(%s) AS text), ''0''), CAST(MIN(%s) AS text),'
    ' CAST(MAX(%s) AS text), CAST(COALESCE(SUM(CAST(CAST('
    '''x'' || SUBSTR(MD5(CONCAT_WS(CHR(31), %s)), 1, 15) AS bit(60)) AS bigint)), 0) AS text)'
    ' FROM %s',
    CASE
        WHEN $amount::text = '' THEN '0'
        WHEN $amount_scale::integer IS NULL THEN quote_ident($amount)
        ELSE format('ROUND(%I, %s)', $amount::text, $amount_scale::integer)
    END,
    CASE WHEN $ident_is_text THEN format('CAST(%I AS text) COLLATE "C"', $ident::text)
        ELSE quote_ident($ident) END,
    CASE WHEN $ident_is_text THEN format('CAST(%I AS text) COLLATE "C"', $ident::text)
        ELSE quote_ident($ident) END,
    (SELECT string_agg(
        CASE
            WHEN s IS NULL THEN format('COALESCE(CAST(%I AS text), CHR(30))', c)
            ELSE format('COALESCE(CAST(ROUND(%I, %s) AS text), CHR(30))', c, s)
        END, ', ' ORDER BY n)
        FROM unnest($columns::text [], $scales::integer []) WITH ORDINALITY AS u (c, s, n)),
    $source::text
)
