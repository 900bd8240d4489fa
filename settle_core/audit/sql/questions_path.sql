-- A table's name means the view over it, where there is one.
SET search_path = 'question,main'
