-- As bare.sql, of amounts whose sign is told by a word or a mark before or behind them, as Dr and
-- Cr: one that takes away becomes a hyphen. `marks` are three expressions: of currency marks, and
-- of an amount with a word for minus, and with one for plus.
CREATE OR REPLACE MACRO signed(value, minus, plus) AS
CASE
    WHEN REGEXP_FULL_MATCH(value, minus) THEN '-' || REGEXP_REPLACE(value, minus, '\1\2')
    WHEN REGEXP_FULL_MATCH(value, plus) THEN REGEXP_REPLACE(value, plus, '\1\2')
    ELSE value
END;

CREATE OR REPLACE MACRO bare(value, marks) AS
REGEXP_REPLACE(
    REGEXP_REPLACE(
        REPLACE(SIGNED(value, marks[2], marks[3]), '−', '-'),
        '^[\s\x{A0}\x{2009}\x{202F}]*([-+(]?)[\s\x{A0}\x{2009}\x{202F}]*'
        || marks[1] || '[\s\x{A0}\x{2009}\x{202F}]*',
        '\1'
    ),
    '[\s\x{A0}\x{2009}\x{202F}]*' || marks[1]
    || '[\s\x{A0}\x{2009}\x{202F}]*([-)]?)[\s\x{A0}\x{2009}\x{202F}]*$',
    '\1'
)
