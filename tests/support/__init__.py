"""What the tests share, one of each kind.

Servers, each a real process that a test starts, breaks and mends:

- `app_server`: the app, as `python -m webapp serve` runs it
- `postgres_server`, `redis_server`: what the app keeps its rows in, and rings over
- `nginx_server`, `pgbouncer_server`: what stands before the app and before PostgreSQL; both are a `proxy_server`
- `ports`: the ports that they take
- `leftovers`: ends them when a test run is killed

The engine in the test's own process:

- `databases`: an SQLite or a PostgreSQL database with the app's tables and two other programs that write it
- `engine`: a hub, a writer and a room on an SQLite file
- `bound`: the same for any bindings, on either database, with pages that show several streams
- `things`: models and bindings of the tests' own

Clients and what they show:

- `live_client`: a page without a browser, on a real socket
- `json_client`: a bot on a real socket
- `window`: a window of a real Chromium
- `dom`, `page_model`: what htmx does with a frame, and what a reader then sees of a room; `board_values` of the board

The rest:

- `patience`: how long a wait lasts, and the ways to wait
- `library_defaults`: the bounds of the client libraries, made as generous
- `database_shell`: another program that writes and reads the app's database
- `project_copy`: a document's code blocks, and a copy of the project that they are put into
"""
