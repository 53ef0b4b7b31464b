"""Connections to SQLite and PostgreSQL, through Tortoise's clients.

In: the URL of a database, and SQL. Out: rows that the executor checked one by one, and errors that say whether the
database is away.

- `connect`: Tortoise's configuration for a URL, and the open database.
- `service_urls`, `postgres_url`, `postgres_options`: the URLs of the environment, read and checked.
- `sqlite_client`, `sqlite_thread`, `sqlite_file`: the SQLite connection, its statements, and its file.
- `postgres_client`, `postgres_pool`, `postgres_connect`, `postgres_transaction`, `postgres_reading`: the PostgreSQL
  connections, through a pooler such as pgbouncer too.
- `checked_reading`, `row_building`, `row_reports`, `unreadable_rows`: rows that do not fit their model are left out,
  named in the log, and noted in the database until they are repaired.
- `batch_loader`, `statements`: several lookups in one query, and SQL that is generated once.
- `namespace`, `sql`: the names of the tables and triggers of one app, and SQL templates.
- `migration_lock`, `state_only`, `dialect_sql`: what migrations need.
- `database_errors`: the errors of both databases' libraries, by their meaning.
"""

from webapp.live.database import connect, postgres_connect, service_urls, unreadable_rows
from webapp.live.database.batch_loader import BatchLoader
from webapp.live.database.checked_reading import left_out
from webapp.live.database.database_errors import CONNECTION_LOST, DATABASE_AWAY, is_away
from webapp.live.database.dialect_sql import DialectSQL
from webapp.live.database.migration_lock import migrating
from webapp.live.database.namespace import LIVE, Namespace, namespace_of
from webapp.live.database.postgres_connect import CannotListen, Pooling
from webapp.live.database.postgres_options import UnusablePostgresURL
from webapp.live.database.postgres_pool import wait_longer
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.row_reports import report
from webapp.live.database.service_urls import RELAYS, UnusableURL, sqlite_path, without_effect
from webapp.live.database.sql import dollar_quoted, fill, literal, quoted
from webapp.live.database.sqlite_file import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    close_to_others,
    keep_private,
    private_folder,
)
from webapp.live.database.state_only import StateOnly
from webapp.live.database.statements import KeyedSelect, insert

__all__ = [
    "CONNECTION_LOST",
    "DATABASE_AWAY",
    "LIVE",
    "PRIVATE_FILE",
    "PRIVATE_FOLDER",
    "RELAYS",
    "BatchLoader",
    "CannotListen",
    "DialectSQL",
    "KeyedSelect",
    "Namespace",
    "Pooling",
    "PostgresURL",
    "StateOnly",
    "UnusablePostgresURL",
    "UnusableURL",
    "close_to_others",
    "connect",
    "dollar_quoted",
    "fill",
    "insert",
    "is_away",
    "is_postgres",
    "keep_private",
    "left_out",
    "literal",
    "migrating",
    "namespace_of",
    "postgres_connect",
    "private_folder",
    "quoted",
    "report",
    "service_urls",
    "sqlite_path",
    "unreadable_rows",
    "wait_longer",
    "without_effect",
]
