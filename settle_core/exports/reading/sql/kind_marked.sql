-- Counter-entries are marked, and there is no other kind but entries.
CREATE OR REPLACE MACRO kind_of(kind, is_marked, entry, counter, correction) AS
CASE WHEN is_marked THEN 'counter' ELSE 'entry' END
