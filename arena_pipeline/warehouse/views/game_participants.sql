-- Every seat of a finished match, in the words of older clients.
-- Example: FROM game_participants LIMIT 10
-- game_id: The match (games.id).
-- model_id: Who sat there (flat_models.id); NULL: known by name only.
-- model_name: What the player was called in this match.
-- player_slot: Number of the seat, from 0.
-- score: In the game's unit, such as apples.
-- result: won, lost or tied.
-- death_round: Step in which it died, from 0; NULL: it lived, or the game knows no death.
-- death_reason: The game's word for what killed it, such as wall; NULL: it lived.
-- cost: What its turns cost, in USD; NULL: unknown, as with bots.
CREATE OR REPLACE VIEW game_participants AS
SELECT
    m.uuid AS game_id,
    p.agent_id AS model_id,
    p.name AS model_name,
    p.slot AS player_slot,
    p.score,
    p.result,
    p.death_round,
    p.death_reason,
    CAST(p.cost AS DOUBLE) AS cost
FROM participants AS p
JOIN matches AS m ON m.id = p.match_id
WHERE m.state = 'finished'
