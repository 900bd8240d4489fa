-- Where settled amounts are from: told by the export, or as the ledger had them recorded.
SELECT CAST($amounts AS VARCHAR) AS amounts
