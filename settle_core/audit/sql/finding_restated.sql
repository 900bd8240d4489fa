-- Keep what the status of findings was, and give them the one that they have now.
INSERT INTO ruled.before
SELECT
    f.finding_id,
    f.status
FROM finding AS f
INNER JOIN restated AS r ON r.finding_id = f.finding_id;

UPDATE finding
SET
    status = r.status,
    severity = r.severity,
    explanation = r.explanation
FROM restated AS r
WHERE finding.finding_id = r.finding_id
