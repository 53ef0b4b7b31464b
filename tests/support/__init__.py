"""What the tests share, one of each kind. The fixtures that give it to a test are in `tests/conftest.py`.

Servers, each a real process that a test starts, breaks and mends:

- `app_server`: the app, as `python -m webapp serve` runs it; `commands` runs its other commands
- `postgres_server`, `redis_server`: what the app keeps its rows in, and rings over
- `nginx_server`, `pgbouncer_server`: what stands before the app and before PostgreSQL; both are a `proxy_server`
- `ports`: the ports that they take
- `leftovers`: ends them when a test run is killed
- `coverage_environment`: has the app's processes count the branches that they run

Databases:

- `databases`: makes SQLite and PostgreSQL databases (fixture `databases`), and opens one with two other programs that
  write it (fixture `database`)
- `database_shell`: another program that reads and writes an SQLite file

The engine in the test's own process:

- `engine`: a hub, a writer and a room on an SQLite file (fixture `engine`)
- `bound`: the same for any bindings, on either database, with pages that show several streams
- `things`: models and bindings of the tests' own

Clients, and what they show:

- `reader`: the far end of a socket in the test's own process; every page and bot without a network is one
- `live_client`: a page without a browser, on a real socket
- `json_client`: a bot on a real socket
- `window`: a window of a real `chromium`
- `dom`, `page_model`: what htmx does with a frame, and what a reader then sees of a room; `board_values` of the board

The rest:

- `patience`: how long a wait lasts, and the ways to wait
- `library_defaults`: the bounds of the client libraries, made as generous
- `built_once`: what a run builds once, however many processes test
- `project_copy`: a document's code blocks, and a copy of the project that they are put into
"""
