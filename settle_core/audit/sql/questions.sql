-- The place of the views whose ids are text; what is made next is made there.
CREATE SCHEMA IF NOT EXISTS question;
USE question
