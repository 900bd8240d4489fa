INSERT INTO ruled.id_place
SELECT
    CAST(id AS VARCHAR) AS id,
    CAST(place AS BIGINT) AS place
FROM told_place
