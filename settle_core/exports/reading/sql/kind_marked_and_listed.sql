-- Counter-entries are marked; the others have a kind by the profile's lists.
CREATE OR REPLACE MACRO kind_of(kind, is_marked, entry, counter, correction) AS
CASE
    WHEN is_marked THEN 'counter'
    WHEN LIST_CONTAINS(entry, CAST(kind AS VARCHAR)) THEN 'entry'
    WHEN LIST_CONTAINS(correction, CAST(kind AS VARCHAR)) THEN 'correction'
END
