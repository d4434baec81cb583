-- What the model catalogs changed since a day (from its beginning, UTC) or moment, the last catalog first.
-- Example: FROM catalog_changes(today() - 7)
CREATE OR REPLACE MACRO catalog_changes(since) AS TABLE
WITH asked AS (
    SELECT utc_moment(since) AS beginning
)
SELECT
    s.fetched_at,
    c.slug,
    c.kind,
    c.before,
    c.after,
    c.is_flip,
    c.snapshot_id,
    s.source
FROM catalog_changes AS c
JOIN catalog_snapshots AS s ON s.id = c.snapshot_id
WHERE s.fetched_at >= (SELECT beginning FROM asked)
ORDER BY c.snapshot_id DESC, c.id
