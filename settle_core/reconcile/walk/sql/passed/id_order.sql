-- As in steps/id_order.sql, counted by the pass.
SELECT
    CAST($pairs AS BIGINT) AS pairs,
    CAST($contradictions AS BIGINT) AS contradictions,
    CAST($far_pairs AS BIGINT) AS far_pairs,
    CAST($far_contradictions AS BIGINT) AS far_contradictions
