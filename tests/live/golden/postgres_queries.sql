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
