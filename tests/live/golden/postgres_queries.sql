SELECT asked.place - 1 AS place, c.*
FROM json_array_elements($1::json) WITH ORDINALITY AS asked (value, place)
CROSS JOIN LATERAL (
    SELECT seq, stream, pk, action, fields
    FROM live_change
    WHERE group_name = asked.value ->> 0 AND seq > (asked.value ->> 1)::bigint
    ORDER BY seq
    LIMIT $2
) AS c
ORDER BY place, c.seq;

SELECT name, last
FROM (
    SELECT g.name, greatest(
        g.head - CAST($2 AS BIGINT),
        CASE WHEN (
            SELECT oldest.at
            FROM live_change AS oldest
            WHERE oldest.group_name = g.name
            ORDER BY oldest.seq
            LIMIT 1
        ) < now() - make_interval(days => $3) THEN (
            SELECT max(old.seq)
            FROM live_change AS old
            WHERE old.group_name = g.name AND old.at < now() - make_interval(days => $3)
        ) ELSE 0 END
    ) AS last
    FROM live_group AS g
    WHERE g.name > $1
) AS found
WHERE EXISTS (
    SELECT 1
    FROM live_change AS c
    WHERE c.group_name = found.name AND c.seq <= found.last
)
ORDER BY name
LIMIT 200;

INSERT INTO live_probe (id, at)
VALUES (1, now())
ON CONFLICT (id) DO UPDATE
SET at = excluded.at;

SELECT 1
FROM live_source AS s, json_array_elements_text($2::json) AS keys (pk)
WHERE s.name = $1
    AND NOT EXISTS (
        SELECT 1
        FROM live_unreadable AS u
        WHERE u.stream = s.stream AND u.pk = keys.pk
    )
LIMIT 1;

SELECT "live_note"($1, $2::json);
