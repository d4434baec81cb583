-- Every finished match as the pairs of its seats, each pair from both sides; seats of one team are no pair.
-- Example: SELECT agent, opponent_agent, avg(points) FROM pairs GROUP BY ALL
-- match_id: The match (matches.id).
-- ended_at: When the match was over (UTC); NULL: unknown.
-- slot: Number of the seat, from 0.
-- agent: Alias of who sat there; NULL: known by name only.
-- model: Slug of what the agent played with; NULL: no model, or not known.
-- name: What the player was called in the match.
-- score: Its score in the game's unit.
-- death_round: Step in which it died, from 0; NULL: it lived, or the game knows no death.
-- opponent_slot: Number of the other seat, from 0.
-- opponent_agent: Alias of who sat in the other seat; NULL: known by name only.
-- opponent_model: Slug of what the opponent played with; NULL: no model, or not known.
-- opponent_name: What the opponent was called in the match.
-- opponent_score: The opponent's score in the game's unit.
-- opponent_death_round: Step in which the opponent died, from 0; NULL: as with death_round.
-- points: 1: did better than the opponent by the match's result, 0.5: as well, 0: worse.
-- score_points: 1: had the higher score, whatever the result, 0.5: the same, 0: a lower one.
-- survival_points: 1: lived longer than the opponent, 0.5: as long, 0: shorter.
CREATE OR REPLACE VIEW pairs AS
WITH seats AS (
    SELECT p.*, CASE p.result WHEN 'won' THEN 2 WHEN 'lost' THEN 0 ELSE 1 END AS rank
    FROM participants AS p
),
counted AS (
    FROM seats AS s
    ANTI JOIN (FROM matches AS m WHERE m.state = 'void') AS void ON void.id = s.match_id
)
SELECT
    own.match_id,
    own.ended_at,
    own.slot,
    own.agent,
    own.model,
    own.name,
    own.score,
    own.death_round,
    other.slot AS opponent_slot,
    other.agent AS opponent_agent,
    other.model AS opponent_model,
    other.name AS opponent_name,
    other.score AS opponent_score,
    other.death_round AS opponent_death_round,
    CASE WHEN own.rank > other.rank THEN 1.0 WHEN own.rank = other.rank THEN 0.5 ELSE 0.0 END
        AS points,
    CASE WHEN own.score > other.score THEN 1.0 WHEN own.score = other.score THEN 0.5 ELSE 0.0 END
        AS score_points,
    CASE
        WHEN own.death_round IS NOT DISTINCT FROM other.death_round THEN 0.5
        WHEN own.death_round > other.death_round OR own.death_round IS NULL THEN 1.0
        ELSE 0.0
    END AS survival_points
FROM counted AS own
JOIN seats AS other ON other.match_id = own.match_id AND other.slot <> own.slot
WHERE own.team IS DISTINCT FROM other.team OR own.team IS NULL
