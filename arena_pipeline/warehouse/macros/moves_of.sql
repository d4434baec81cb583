-- The moves of one match, by its uuid or number, step by step; empty until `arena warehouse --moves` has read the replays.
-- Example: FROM moves_of(1)
CREATE OR REPLACE MACRO moves_of(match) AS TABLE
WITH asked AS (
    SELECT CAST(match AS VARCHAR) AS wanted
)
SELECT m.step, m.slot, m.agent, m.action, m.fault, m.rationale
FROM moves AS m
WHERE (SELECT wanted FROM asked) IN (m.uuid, CAST(m.match_id AS VARCHAR))
ORDER BY m.step, m.slot
