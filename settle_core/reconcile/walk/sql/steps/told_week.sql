-- Settled weeks whose amount the export tells; none where it was taken from the ledger itself.
SELECT w.*
FROM settled_week AS w
CROSS JOIN settlement_source AS s
WHERE s.amounts = 'told'
