-- What the clock alone said; it is worked out anew.
DELETE FROM late_row;
DELETE FROM settled_week
