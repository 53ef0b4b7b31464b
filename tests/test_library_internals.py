"""Canaries: each name of a library that webapp/ uses although the library promises nothing about it.

A newer release may rename one of these. Then a test here says in words what is gone and what it was needed for, before
somebody has to find that out from a relay that is silent or a transaction that stays open.
"""

from __future__ import annotations

import dis
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

import asyncpg
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tortoise.models import Model

import webapp
from tests.support.app_server import ROOT


class Reliance(NamedTuple):
    """Names of one class or module of a library that webapp/ uses.

    Attributes:
        place: The module, a colon and the class; only the module where the names are the module's own.
        names: Attributes and methods, separated by spaces.
        use: A sentence that says what webapp/ does with them.
    """

    place: str
    names: str
    use: str


LIBRARIES: dict[str, tuple[Reliance, ...]] = {
    "aiohttp": (
        Reliance(
            "aiohttp.abc:AbstractResolver",
            "resolve close",
            "The door of a link preview resolves names to permitted addresses only.",
        ),
        Reliance(
            "aiohttp.connector:TCPConnector",
            "_wrap_create_connection _resolve_host",
            "The connector asks the door's `resolve` for addresses, and its `open` for each socket that it connects.",
        ),
    ),
    "broadcaster": (
        Reliance(
            "broadcaster._base",
            "Subscriber Event",
            "The relay listens to a Subscriber, and the PostgreSQL backend queues Events.",
        ),
        Reliance(
            "broadcaster:Broadcast",
            "connect disconnect subscribe publish",
            "The relay is one Broadcast, which it opens, watches and throws away.",
        ),
        Reliance(
            "broadcaster._backends.redis:RedisBackend",
            "connect subscribe unsubscribe disconnect _pubsub _ready _listener _conn",
            "The Redis backend subscribes before it wakes the listener, and closes without waiting for an answer.",
        ),
        Reliance(
            "broadcaster._backends.postgres:PostgresBackend",
            "connect unsubscribe disconnect _conn _listen_queue _listener",
            "The PostgreSQL backend opens the connection itself, and terminates one that does not answer.",
        ),
    ),
    "aiosqlite": (
        Reliance(
            "aiosqlite:Connection",
            "_execute _conn _tx close",
            "The SQLite client runs each statement in one step on the connection's thread, and rolls back there.",
        ),
    ),
    "tortoise-orm": (
        Reliance(
            "tortoise.backends.sqlite.client:SqliteClient",
            "executor_class create_connection acquire_connection _in_transaction execute_insert execute_query"
            " execute_query_dict execute_many execute_script filename pragmas _connection _lock _post_connect",
            "The SQLite client replaces how a file is opened and how each kind of statement is run.",
        ),
        Reliance(
            "tortoise.backends.sqlite.client:SqliteTransactionWrapper",
            "begin commit rollback savepoint savepoint_rollback release_savepoint _finalized _parent _connection",
            "A transaction on SQLite ends exactly once, and leaves nothing open.",
        ),
        Reliance(
            "tortoise.backends.sqlite.client:SqliteTransactionContext",
            "__aenter__ __aexit__ connection connection_name token _trxlock",
            "A transaction on SQLite gives its lock back whatever happens on the way in or out.",
        ),
        Reliance(
            "tortoise.backends.sqlite.executor:SqliteExecutor",
            "execute_select DB_NATIVE",
            "Rows of SQLite are checked as they are read.",
        ),
        Reliance(
            "tortoise.backends.base.client:ConnectionWrapper",
            "__aenter__ ensure_connection connection client _lock",
            "A statement on SQLite gives the lock back when the file cannot be opened.",
        ),
        Reliance(
            "tortoise.backends.base.client:TransactionContextPooled",
            "__aenter__ __aexit__ ensure_connection client connection_name token",
            "A transaction on PostgreSQL gives its connection back whatever happens.",
        ),
        Reliance(
            "tortoise.backends.base.client",
            "NestedTransactionContext TransactionalDBClient TransactionContext",
            "Both clients begin transactions inside of transactions.",
        ),
        Reliance(
            "tortoise.backends.asyncpg.client:AsyncpgDBClient",
            "executor_class create_connection _in_transaction _pool _pool_init_lock _post_connect",
            "The PostgreSQL client makes the pool itself, from the whole URL.",
        ),
        Reliance(
            "tortoise.backends.asyncpg.client:TransactionWrapper",
            "executor_class _in_transaction begin commit rollback _connection _parent _finalized",
            "A transaction on PostgreSQL ends exactly once, on a connection that it takes from the pool.",
        ),
        Reliance(
            "tortoise.backends.asyncpg.executor:AsyncpgExecutor",
            "execute_select DB_NATIVE",
            "Rows of PostgreSQL are checked as they are read.",
        ),
        Reliance(
            "tortoise.backends.base.executor:BaseExecutor",
            "execute_select select_related_idx _execute_prefetch_queries model db",
            "A row that cannot be read is left out, while Tortoise's own executor fails the whole query.",
        ),
        Reliance(
            "tortoise.models:Model",
            "_meta _init_from_db _partial _saved_in_db _custom_generated_pk _await_when_save",
            "Rows are made from checked values, with the state that Tortoise gives to a row that is in the database.",
        ),
        Reliance(
            "tortoise.models:MetaInfo",
            "db_table pk pk_attr db_pk_column fields_map fields_db_projection fields_db_projection_reverse"
            " fk_fields o2o_fields generated_db_fields abstract db",
            "Bindings, triggers and the checks of rows are made from a model's description.",
        ),
        Reliance(
            "tortoise.migrations.operations:TortoiseOperation",
            "state_forward database_forward database_backward",
            "A migration may change what Tortoise knows of the models, and nothing in the database.",
        ),
        Reliance(
            "tortoise.queryset:BulkCreateQuery",
            "_make_queries _executor _ignore_conflicts",
            "The SQL of an insert is made once, and kept for the next rows.",
        ),
        Reliance("tortoise.connection", "get_connections", "A transaction is put into, and taken out of, its context."),
    ),
    "uvicorn": (
        Reliance("uvicorn:Config", "bind_socket forwarded_allow_ips ws_max_size", "The server configures uvicorn."),
        Reliance(
            "uvicorn:Server",
            "run started",
            "The command's exit status says whether the server had started.",
        ),
        Reliance("uvicorn.supervisors:Multiprocess", "run", "Several processes are kept running."),
        Reliance("uvicorn._types", "ASGIReceiveEvent ASGISendEvent", "The WebSocket protocol has uvicorn's types."),
        Reliance(
            "uvicorn.protocols.http.httptools_impl:HttpToolsProtocol",
            "connection_made connection_lost data_received eof_received pause_writing resume_writing shutdown"
            " on_message_begin on_url on_header on_headers_complete on_body on_message_complete on_response_complete"
            " handle_websocket_upgrade _unset_keepalive_if_required _should_upgrade url headers scope cycle flow"
            " parser pipeline transport client connections loop timeout_keep_alive config server_state app_state",
            "The HTTP protocol parses one request at a time, and bounds each part of it.",
        ),
        Reliance(
            "uvicorn.protocols.http.httptools_impl:RequestResponseCycle",
            "response_started response_complete more_body disconnected message_event",
            "The HTTP protocol asks whether a request waits for its answer, and ends one that is refused.",
        ),
        Reliance(
            "uvicorn.protocols.http.flow_control:FlowControl",
            "pause_reading resume_reading read_paused write_paused",
            "The HTTP protocol does not read on while data waits to be parsed.",
        ),
        Reliance("uvicorn.server:ServerState", "connections tasks", "A server's connections are counted by its state."),
        Reliance(
            "uvicorn.protocols.websockets.websockets_sansio_impl:WebSocketsSansIOProtocol",
            "connection_made connection_lost data_received handle_connect start_keepalive stop_keepalive handle_ping"
            " handle_parser_exception receive send shutdown conn queue writable frames curr_msg_data_type close_sent"
            " close_timer disconnected handshake_complete read_paused request response scope transport client loop",
            "The WebSocket protocol keeps little per socket, writes prepared frames, and bounds the frames it takes.",
        ),
    ),
    "websockets": (
        Reliance(
            "websockets.protocol:Protocol",
            "parse recv_frame fail data_to_send state reader parser current_size close_sent",
            "The frame parser has a budget for frames without a message, and knows how much of a frame has come.",
        ),
        Reliance(
            "websockets.server:ServerProtocol",
            "send_response reject parse",
            "The frame parser begins after the handshake that httptools has read.",
        ),
        Reliance("websockets.streams:StreamReader", "buffer", "Bytes of unfinished messages are counted."),
        Reliance("websockets.http11:Request", "path headers", "A handshake is handed on as websockets' own request."),
    ),
    "httptools": (
        Reliance(
            "httptools",
            "HttpParserError HttpParserUpgrade",
            "The HTTP protocol refuses what cannot be parsed, and finds out where a WebSocket's bytes begin.",
        ),
        Reliance(
            "httptools:HttpRequestParser",
            "feed_data should_upgrade",
            "The HTTP protocol feeds the parser one request at a time.",
        ),
    ),
    "asyncpg": (
        Reliance(
            "asyncpg:Pool",
            "acquire release close terminate expire_connections get_idle_size get_max_size",
            "The pool waits for a connection that comes back while the server is full.",
        ),
        Reliance(
            "asyncpg:Connection",
            "is_closed is_in_transaction terminate get_server_pid add_listener",
            "A connection goes back to the pool without a transaction, or is terminated.",
        ),
        Reliance(
            "asyncpg",
            "PostgresError InterfaceError TooManyConnectionsError CannotConnectNowError",
            "A server that is full, one that starts, and a value that cannot be decoded are told apart.",
        ),
    ),
    "prometheus-client": (
        Reliance(
            "prometheus_client:Histogram",
            "_buckets _sum",
            "A tally adds many observations to a histogram at once.",
        ),
        Reliance(
            "prometheus_client.multiprocess",
            "MultiProcessCollector mark_process_dead",
            "A process reports the numbers of all, without the gauges of those that died.",
        ),
    ),
    "starlette": (
        Reliance(
            "starlette.exceptions:HTTPException", "status_code headers", "A refusal is an error page, with its headers."
        ),
        Reliance(
            "starlette.responses:Response",
            "raw_headers headers media_type",
            "A talk that never ends has the headers of a response, and sends its body itself.",
        ),
        Reliance(
            "starlette.staticfiles:StaticFiles",
            "get_response file_response is_not_modified all_directories",
            "Static files get the caching that their URL allows, and texts are compressed once.",
        ),
    ),
    "markdown-it-py": (
        Reliance("markdown_it.rules_block", "blockquote fence list_block", "Blocks end where a chat has them end."),
        Reliance("markdown_it.ruler:Ruler", "at before", "Rules of texts, addresses and marks take their places."),
        Reliance("markdown_it.renderer:RendererHTML", "render", "Tokens become HTML by the rules that are set."),
    ),
    "jinja2": (
        Reliance("jinja2.loaders:FileSystemLoader", "get_source", "A template can extend the one that it replaces."),
        Reliance(
            "jinja2.ext:Extension",
            "preprocess filter_stream",
            "Templates leave indents out, and the check of templates marks their lines.",
        ),
        Reliance(
            "jinja2:Environment",
            "make_globals get_template overlay globals filters",
            "Templates share their global names in a plain dictionary, because a ChainMap doubles the time of a row.",
        ),
    ),
}

MADE_FOR_IT = {"tortoise.models:Model", "tortoise.migrations.migration:Migration"}
"""Library classes that everybody subclasses in the way that their documentation shows."""


def complaints(library: str) -> Iterator[str]:
    """Say in a sentence each thing that is gone from the installed release of `library`."""
    installed = f"{library} {importlib.metadata.version(library)} is installed"
    for place, names, use in LIBRARIES[library]:
        try:
            found = _at(place)
        except (ImportError, AttributeError) as error:
            yield f"{installed}, and {place.replace(':', '.')} is not where it was ({error}). {use}"
            continue
        gone = sorted(set(names.split()) - attributes(found))
        if gone:
            yield f"{installed}, and {place.replace(':', '.')} has no {', '.join(gone)} any more. {use}"


def attributes(found: object) -> set[str]:
    """Give the names of a module or class, and those that a class's methods set on its instances."""
    names = set(dir(found))
    if isinstance(found, type):
        for base in found.__mro__:
            names |= {*getattr(base, "__annotations__", ())}
            for member in vars(base).values():
                names |= _set_by(member)
    return names


def _set_by(member: object) -> set[str]:
    code = getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None)  # type: ignore[arg-type]
    return {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_ATTR"} if code else set()


def _at(place: str) -> object:
    module, _, name = place.partition(":")
    found: object = importlib.import_module(module)
    return getattr(found, name) if name else found


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(webapp.__path__, "webapp."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_installed_release_has_what_webapp_names(library: str) -> None:
    told = list(complaints(library))
    advice = f"Adapt webapp/ to it and say so here, or keep {library} below this release in pyproject.toml."
    assert not told, "\n".join(["", *told, advice])


def test_a_row_from_the_database_has_no_state_that_webapp_does_not_set() -> None:
    known = {"_partial", "_saved_in_db", "_custom_generated_pk", "_await_when_save"}
    more = _set_by(Model.__dict__["_init_from_db"]) - known
    assert not more, f"Tortoise sets {sorted(more)} in a row that it has read, and the checked reading does not."


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_whose_inner_parts_are_named_stays_within_a_minor_release(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {found.name: found.specifier for found in map(Requirement, project["dependencies"])}[library]
    installed = Version(importlib.metadata.version(library))
    assert installed in wanted
    following = f"{installed.major}.{installed.minor + 1}.0"
    assert following not in wanted, f"pyproject.toml lets {library} {following} in, of whose inner parts nobody knows."


def test_the_pool_still_takes_the_hooks_that_connect_and_give_back() -> None:
    gone = {"connect", "reset"} - {*inspect.signature(asyncpg.create_pool).parameters}
    assert not gone, f"asyncpg.create_pool takes no {sorted(gone)} any more, by which the pool connects patiently."


def test_broadcaster_stays_at_its_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {found.name: found.specifier for found in map(Requirement, project["dependencies"])}["broadcaster"]
    assert "0.3.2" not in wanted, "The release after 0.3.1 has no broadcaster._backends, which the relay imports."


def test_every_library_class_that_is_subclassed_has_a_canary() -> None:
    watched = {reliance.place for reliances in LIBRARIES.values() for reliance in reliances} | MADE_FOR_IT
    without = set()
    for module in _modules():
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                without |= {place for base in kind.__bases__ if (place := _place(base)) and place not in watched}
    assert not without, f"webapp/ subclasses {sorted(without)}. Say in LIBRARIES which of their names it relies on."


def test_every_private_name_of_a_library_has_a_canary() -> None:
    watched = {name for found in LIBRARIES.values() for each in found for name in each.names.split()}
    private = set()
    for path in (ROOT / "webapp").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "noqa: SLF001" in line:
                private |= set(re.findall(r"\.(_[a-z]\w*)", line.partition("#")[0]))
    assert private, "no private name was found, so this test looks in the wrong place"
    assert private <= watched, f"Say in LIBRARIES what {sorted(private - watched)} is used for."


def _place(base: type) -> str | None:
    """Where a base class of another project's lies; None for one of Python's or of webapp's own."""
    known = {*sys.stdlib_module_names, "webapp", "typing_extensions"}
    if base.__module__.partition(".")[0] in known:
        return None
    for found in LIBRARIES.values():
        for reliance in found:
            if ":" in reliance.place and _at(reliance.place) is base:
                return reliance.place
    return f"{base.__module__}:{base.__qualname__}"
