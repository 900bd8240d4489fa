-- An instant that is text of the form that MOMENT_OF reads.
CREATE OR REPLACE MACRO instant_of(value, form) AS MOMENT_OF(value, form)
