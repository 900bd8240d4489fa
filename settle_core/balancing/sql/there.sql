-- Whether the database holds a book.
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'settle' AND table_name = 'book'
