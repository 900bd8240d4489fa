-- Which library made or renewed the functions last.
SELECT library, functions_sha256 FROM settle.renewal ORDER BY renewal_id DESC LIMIT 1
