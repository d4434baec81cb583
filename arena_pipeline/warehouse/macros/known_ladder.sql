-- The ladder of that name, or the default one for NULL; an error that names those there are otherwise.
-- Example: SELECT known_ladder(NULL)
CREATE OR REPLACE MACRO known_ladder(wanted) AS (
    SELECT CASE
        WHEN CAST(wanted AS VARCHAR) IS NULL
        THEN coalesce(arg_min(l.name, l.id) FILTER (l.is_default), arg_min(l.name, l.id))
        WHEN bool_or(l.name = CAST(wanted AS VARCHAR)) THEN CAST(wanted AS VARCHAR)
        ELSE error(
            'No ladder ''' || wanted || '''; there are: '
            || coalesce(string_agg(l.name, ', ' ORDER BY l.name), 'none')
        )
    END
    FROM ladders AS l
)
