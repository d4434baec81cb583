-- The last moment that a day means (UTC); a moment is what it is.
-- Example: SELECT utc_end('2026-11-01')
CREATE OR REPLACE MACRO utc_end(given) AS
CASE
    WHEN typeof(given) = 'DATE'
        OR (typeof(given) = 'VARCHAR' AND length(CAST(given AS VARCHAR)) <= 10)
    THEN utc_moment(given) + INTERVAL 24 HOUR - INTERVAL 1 MICROSECOND
    ELSE utc_moment(given)
END
