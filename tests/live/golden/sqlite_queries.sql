WITH asked (place, name, seq) AS (
    SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]')
    FROM json_each(?1)
)
SELECT place, c.seq, c.stream, c.pk, c.action, c.fields
FROM asked
CROSS JOIN live_change AS c
WHERE c.group_name = asked.name
    AND c.seq IN (
        SELECT seq
        FROM live_change AS later
        WHERE later.group_name = asked.name AND later.seq > asked.seq
        ORDER BY seq
        LIMIT ?2
    )
ORDER BY place, c.seq;

SELECT name, last
FROM (
    SELECT g.name, max(
        g.head - CAST($2 AS INTEGER),
        CASE WHEN (
            SELECT oldest.at
            FROM live_change AS oldest
            WHERE oldest.group_name = g.name
            ORDER BY oldest.seq
            LIMIT 1
        ) < datetime('now', '-' || $3 || ' days') THEN (
            SELECT max(old.seq)
            FROM live_change AS old
            WHERE old.group_name = g.name AND old.at < datetime('now', '-' || $3 || ' days')
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
VALUES (1, CURRENT_TIMESTAMP)
ON CONFLICT (id) DO UPDATE
SET at = CURRENT_TIMESTAMP;

SELECT 1
FROM live_source AS s
JOIN json_each(?2) AS keys
WHERE s.name = ?1
    AND NOT EXISTS (
        SELECT 1
        FROM live_unreadable AS u
        WHERE u.stream = s.stream AND u.pk = keys.value
    )
LIMIT 1;

INSERT OR IGNORE INTO live_unreadable (stream, pk)
SELECT s.stream, keys.value
FROM live_source AS s
JOIN json_each(?2) AS keys
WHERE s.name = ?1;
