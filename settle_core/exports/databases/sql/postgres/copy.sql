-- The statement that copies these columns out.
SELECT format(
    'COPY (SELECT %s FROM %s ORDER BY %s) TO STDOUT (FORMAT csv)',
    (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
        FROM unnest($columns::text []) WITH ORDINALITY AS u (c, n)),
    $source::text,
    (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
        FROM unnest($sorted_by::text []) WITH ORDINALITY AS u (c, n))
)
