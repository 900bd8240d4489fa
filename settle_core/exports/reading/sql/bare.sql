-- An amount as a spreadsheet writes it, without what is no part of the number: spaces and currency
-- marks before and behind, in any order with the sign; a true minus becomes a hyphen.
CREATE OR REPLACE MACRO bare(value, marks) AS
REGEXP_REPLACE(
    REGEXP_REPLACE(
        REPLACE(value, '−', '-'),
        '^[\s\x{A0}\x{2009}\x{202F}]*([-+(]?)[\s\x{A0}\x{2009}\x{202F}]*'
        || marks || '[\s\x{A0}\x{2009}\x{202F}]*',
        '\1'
    ),
    '[\s\x{A0}\x{2009}\x{202F}]*' || marks
    || '[\s\x{A0}\x{2009}\x{202F}]*([-)]?)[\s\x{A0}\x{2009}\x{202F}]*$',
    '\1'
)
