-- How values of findings stand in a CSV file. harmless_text: a mark before what a spreadsheet takes
-- for a formula where a row could begin, see `formats.harmless`; it is put between two ends of
-- lines in two rounds, as each of them may have one before and behind it.
CREATE OR REPLACE MACRO harmless_lines(value) AS REGEXP_REPLACE(
    REGEXP_REPLACE(
        REGEXP_REPLACE(
            value, '([\r\n])([''=+\-@\t\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}])', '\1''\2', 'g'
        ),
        '([\r\n])([\r\n])', '\1''\2', 'g'
    ),
    '([\r\n])([\r\n])', '\1''\2', 'g'
);

CREATE OR REPLACE MACRO harmless_text(value) AS CASE
    WHEN REGEXP_FULL_MATCH(value, '[+-]?[0-9]+(\.[0-9]+)?') THEN value
    ELSE
        CASE
            WHEN REGEXP_MATCHES(value, '^[''=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]') THEN ''''
            ELSE ''
        END
        || CASE
            WHEN CONTAINS(value, CHR(10)) OR CONTAINS(value, CHR(13)) THEN HARMLESS_LINES(value)
            ELSE value
        END
END;

CREATE OR REPLACE MACRO csv_text(value) AS CASE
    WHEN REGEXP_MATCHES(value, '[,"\r\n]') THEN '"' || REPLACE(value, '"', '""') || '"'
    ELSE value
END;

-- An amount with the decimals of its currency, if it has no more.
CREATE OR REPLACE MACRO money_text(value, decimals, scale) AS CASE
    WHEN value IS NULL THEN ''
    WHEN decimals < scale AND RIGHT(value, scale - decimals) = REPEAT('0', scale - decimals)
        THEN LEFT(value, LENGTH(value) - (scale - decimals) - CAST(decimals = 0 AS INTEGER))
    ELSE value
END
