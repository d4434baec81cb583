-- Every competitor's rating after its last rated match that was over by a moment (a day: by its end, UTC), from the ledger in force; a match of unknown end was over long before.
-- Example: FROM rating_at(NULL, now())
CREATE OR REPLACE MACRO rating_at(ladder, moment) AS TABLE
WITH asked AS (
    SELECT known_ladder(ladder) AS board, utc_end(moment) AS until
)
SELECT
    rank() OVER (ORDER BY arg_max(e.after, e.sequence) DESC) AS position,
    e.competitor,
    arg_max(e.after, e.sequence) AS rating,
    count(*) AS matches,
    max(e.sequence) AS sequence,
    max(e.ended_at) AS last_match_at
FROM rating_events AS e
WHERE e.ladder = (SELECT board FROM asked)
    AND coalesce(e.ended_at, '-infinity') <= (SELECT until FROM asked)
GROUP BY e.competitor
ORDER BY rating DESC, e.competitor
