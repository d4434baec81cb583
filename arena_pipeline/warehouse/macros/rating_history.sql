-- Every rated match of a competitor on a ladder (without a name: the default one) and what it did to its rating, in the order of rating.
-- Example: FROM rating_history('greedy')
CREATE OR REPLACE MACRO rating_history(competitor, ladder := NULL) AS TABLE
WITH asked AS (
    SELECT CAST(competitor AS VARCHAR) AS wanted, known_ladder(ladder) AS board
),
mine AS (
    SELECT e.*
    FROM rating_events AS e
    WHERE e.competitor = (SELECT wanted FROM asked) AND e.ladder = (SELECT board FROM asked)
)
SELECT
    mine.sequence,
    mine.ended_at,
    any_value(m.uuid) AS match,
    list(others.competitor ORDER BY others.competitor)
        FILTER (others.competitor IS NOT NULL) AS opponents,
    mine.before,
    mine.after,
    mine.after - mine.before AS change
FROM mine
LEFT JOIN rating_events AS others
    ON others.ladder_id = mine.ladder_id
    AND others.sequence = mine.sequence
    AND others.competitor <> mine.competitor
LEFT JOIN matches AS m ON m.id = mine.match_id
GROUP BY mine.sequence, mine.ended_at, mine.before, mine.after
ORDER BY mine.sequence
