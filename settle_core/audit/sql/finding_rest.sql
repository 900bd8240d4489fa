-- What findings are told by, beside what the rules found: the order of ids that are not all whole
-- numbers, and the status of those that were accepted as it was before. Both are mostly empty.
CREATE OR REPLACE TABLE ruled.id_place (id VARCHAR, place BIGINT);

CREATE OR REPLACE TABLE ruled.before (finding_id VARCHAR, status VARCHAR)
