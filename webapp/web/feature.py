"""What a feature of the app is: a folder that exports one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute

from webapp.live.binding.declaration import Declaration
from webapp.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the app. `webapp/features.py` lists them all, and everything else follows from that list.

    Attributes:
        models: Dotted names of the modules that hold its models.
        bindings: What is watched: its bindings, and its `Rights`.
        routes: Its URLs, which are tried after those of the features before it.
        tasks: Its background work, periodic or deferred: each due task runs once, in whichever process.
        state: What its pages find in a request's state, by name.
    """

    models: Sequence[str] = ()
    bindings: Sequence[Declaration[Any]] = ()
    routes: Sequence[BaseRoute] = ()
    tasks: Sequence[Task] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
