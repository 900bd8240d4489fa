-- What the book is made with; fixed from here on.
INSERT INTO settle.book (version, scale, currency, week_offset_days)
VALUES ($version, $scale, $currency, $week_offset_days)
