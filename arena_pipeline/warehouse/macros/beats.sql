-- Who beats whom on a ladder (without a name: the default one), each pair of competitors from both sides: by result, by score (apples) and by who lived longer; of the matches that are rated there.
-- Example: FROM beats() LIMIT 10
CREATE OR REPLACE MACRO beats(ladder := NULL) AS TABLE
WITH chosen AS (
    SELECT l.id, l.competitor AS kind
    FROM ladders AS l
    WHERE l.name = known_ladder(ladder)
),
seats AS (
    SELECT
        p.match_id,
        p.slot,
        p.team,
        CASE c.kind
            WHEN 'name' THEN p.name
            WHEN 'model' THEN coalesce(p.model, p.agent)
            ELSE p.agent
        END AS competitor,
        CASE p.result WHEN 'won' THEN 2 WHEN 'lost' THEN 0 ELSE 1 END AS rank,
        p.score,
        coalesce(p.death_round, 9223372036854775807) AS lived
    FROM participants AS p
    JOIN ladder_matches AS r ON r.match_id = p.match_id
    JOIN chosen AS c ON c.id = r.ladder_id
    WHERE r.reason IS NULL
),
faced AS (
    SELECT
        own.competitor,
        other.competitor AS opponent,
        own.score,
        other.score AS opponent_score,
        sign(own.rank - other.rank) AS by_result,
        sign(own.score - other.score) AS by_score,
        CASE WHEN own.lived > other.lived THEN 1 WHEN own.lived < other.lived THEN -1 ELSE 0 END
            AS by_survival
    FROM seats AS own
    JOIN seats AS other ON other.match_id = own.match_id AND other.slot <> own.slot
    WHERE own.competitor <> other.competitor
        AND (own.team IS DISTINCT FROM other.team OR own.team IS NULL)
)
SELECT
    competitor,
    opponent,
    count(*) AS matches,
    count(*) FILTER (by_result = 1) AS wins,
    count(*) FILTER (by_result = -1) AS losses,
    count(*) FILTER (by_result = 0) AS ties,
    (1 + avg(by_result)) / 2 AS points_per_match,
    avg(score) AS score_per_match,
    avg(opponent_score) AS opponent_score_per_match,
    (1 + avg(by_score)) / 2 AS points_by_score,
    (1 + avg(by_survival)) / 2 AS points_by_survival
FROM faced
GROUP BY competitor, opponent
ORDER BY competitor, matches DESC, opponent
