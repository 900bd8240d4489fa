-- The proposed correction, in a run's corrections.csv, that answers a finding.
SELECT
    effective_date,
    amount,
    currency
FROM READ_CSV($path, all_varchar = true)
WHERE LIST_CONTAINS(STRING_SPLIT(finding_ids, ','), $finding_id)
