-- What the book was made with.
SELECT version, scale, currency, week_offset_days FROM settle.book
