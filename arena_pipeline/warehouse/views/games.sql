-- Every finished match, in the words of older clients.
-- Example: FROM games ORDER BY end_time DESC LIMIT 10
-- id: The match's name for ever (matches.uuid).
-- start_time: When it began (UTC); NULL: unknown.
-- end_time: When it was over (UTC); NULL: unknown.
-- rounds: How many steps it took.
-- replay_path: Where the replay lies in the replay folder; NULL: there is none.
-- board_width: Cells across; NULL: the game has no such setting.
-- board_height: Cells down; NULL: the game has no such setting.
-- num_apples: Apples on the board at once; NULL: the game has no such setting.
-- total_score: Sum of all seats' scores, in the game's unit.
-- total_cost: What all seats cost, in USD; NULL: unknown, as with bots.
-- game_type: What it was played for: placement, league, manual, gauntlet, benchmark or import.
-- game: Name of the game that was played.
CREATE OR REPLACE VIEW games AS
SELECT
    m.uuid AS id,
    m.started_at AS start_time,
    m.ended_at AS end_time,
    m.rounds,
    m.replay_path,
    TRY_CAST(c.settings ->> 'width' AS BIGINT) AS board_width,
    TRY_CAST(c.settings ->> 'height' AS BIGINT) AS board_height,
    TRY_CAST(c.settings ->> 'apples' AS BIGINT) AS num_apples,
    m.total_score,
    CAST(m.cost AS DOUBLE) AS total_cost,
    m.purpose AS game_type,
    c.game
FROM matches AS m
JOIN game_configs AS c ON c.id = m.config_id
WHERE m.state = 'finished'
