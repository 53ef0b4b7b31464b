"""The object that a feature exports. A feature is a folder of the app."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute

from webapp.live.binding import Declaration
from webapp.live.protocol import Engine
from webapp.tasks import Task


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the app. `webapp/features.py` lists all features; models, triggers and routes follow from that list.

    Attributes:
        models: Dotted names of the modules that hold its models.
        bindings: Its bindings and `Rights`, whose models the change log watches.
        routes: Its routes. The app tries them after those of the features before it.
        files: Its routes below /fragments/, for files that browsers keep for ever. The app tries them first.
        tasks: Its background work, periodic or deferred. Each due task runs once, in whichever process.
        work: Its work that each process does for as long as it serves, given the engine.
        state: Values that its pages find in a request's state, by name.
    """

    models: Sequence[str] = ()
    bindings: Sequence[Declaration[Any]] = ()
    routes: Sequence[BaseRoute] = ()
    files: Sequence[BaseRoute] = ()
    tasks: Sequence[Task] = ()
    work: Sequence[Callable[[Engine], Coroutine[Any, Any, None]]] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
