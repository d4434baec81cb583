-- What a model cost at the end of a day (UTC) or at a moment, in USD per million tokens, by any name it ever had; a row for each model of that name.
-- Example: FROM price_on('openai/gpt-4o', today())
CREATE OR REPLACE MACRO price_on(slug, day) AS TABLE
WITH asked AS (
    SELECT CAST(slug AS VARCHAR) AS wanted, utc_end(day) AS moment
),
owner AS (
    SELECT m.id
    FROM models AS m
    JOIN asked ON asked.wanted = m.slug
),
called AS (
    FROM owner
    UNION
    SELECT n.model_id AS id
    FROM model_aliases AS n
    JOIN asked ON asked.wanted = n.alias
    WHERE NOT EXISTS (FROM owner)
)
SELECT
    m.slug,
    p.price_prompt,
    p.price_completion,
    p.valid_from,
    p.snapshot_id,
    p.details
FROM called
JOIN models AS m ON m.id = called.id
JOIN prices AS p ON p.model_id = called.id
JOIN asked ON p.valid_from <= asked.moment
QUALIFY row_number() OVER (PARTITION BY called.id ORDER BY p.valid_from DESC) = 1
ORDER BY m.slug
