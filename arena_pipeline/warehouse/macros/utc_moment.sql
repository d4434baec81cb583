-- A moment given as text, day or time stamp; one without a zone is UTC, whatever zone the session has.
-- Example: SELECT utc_moment('2026-11-01 12:00')
CREATE OR REPLACE MACRO utc_moment(given) AS
CASE
    WHEN typeof(given) = 'TIMESTAMP WITH TIME ZONE'
        OR regexp_matches(CAST(given AS VARCHAR), ':[0-9.]+ *(Z|[+-][0-9:]+)$')
    THEN CAST(given AS TIMESTAMPTZ)
    ELSE CAST(
        regexp_replace(CAST(given AS VARCHAR), '(:[0-9.]+) *(Z|[+-][0-9:]+)$', '\1') AS TIMESTAMP
    ) AT TIME ZONE 'UTC'
END
