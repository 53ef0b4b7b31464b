CREATE TABLE IF NOT EXISTS todo_schema (fingerprint TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS todo_group (
    name TEXT NOT NULL PRIMARY KEY,
    head BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS todo_change (
    group_name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    stream TEXT NOT NULL,
    pk TEXT NOT NULL,
    action TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    fields TEXT,
    PRIMARY KEY (group_name, seq)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS todo_replaced (
    stream TEXT NOT NULL,
    place INTEGER NOT NULL,
    pk TEXT NOT NULL,
    group_name TEXT,
    PRIMARY KEY (stream, place)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS todo_source (
    stream TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS todo_unreadable (
    stream TEXT NOT NULL,
    pk TEXT NOT NULL,
    PRIMARY KEY (stream, pk)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS todo_probe (
    id INTEGER NOT NULL PRIMARY KEY,
    at TEXT NOT NULL
);

DELETE FROM todo_source;
