-- The kind by the profile's lists.
CREATE OR REPLACE MACRO kind_of(kind, is_marked, entry, counter, correction) AS
CASE
    WHEN LIST_CONTAINS(entry, CAST(kind AS VARCHAR)) THEN 'entry'
    WHEN LIST_CONTAINS(counter, CAST(kind AS VARCHAR)) THEN 'counter'
    WHEN LIST_CONTAINS(correction, CAST(kind AS VARCHAR)) THEN 'correction'
END
