UPDATE finding SET explanation = n.explanation
FROM new_sentence AS n
WHERE finding.rowid = n.place
