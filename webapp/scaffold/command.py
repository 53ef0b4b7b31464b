"""`python -m webapp new`: from what somebody typed to a feature in the checkout."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Mount, Route, WebSocketRoute
from tortoise.models import Model

from webapp.features import FEATURES
from webapp.live.templating.folders import ROOT
from webapp.scaffold.blueprint import Blueprint, Unusable, check_free
from webapp.scaffold.drawing import drawn
from webapp.scaffold.listing import listed
from webapp.scaffold.migration import NotMade, made
from webapp.scaffold.writing import LIST, publish, staged, write

APP_PATHS = ("admin", "design", "fragments", "healthz", "livez", "me", "metrics", "new", "readyz", "static")
"""First parts of paths that the app has, or may have, besides its features' own."""


def new(name: str, fields: Sequence[str], by: str | None = None, *, dry_run: bool = False) -> Sequence[str]:
    """Write the feature `name`; the paths of what was written, or with `dry_run` of what would have been.

    Raises:
        Unusable: It cannot be written, and nothing was. The text says why in one line.
    """
    blueprint = Blueprint.parse(name, fields, by)
    if not (ROOT / "pyproject.toml").is_file():
        raise Unusable("`new` writes into a checkout of the project, and this is an installed package: run it in one")
    check_free(blueprint, _taken(), _paths(), [model.__name__ for model in _models(Model)])
    files = {**drawn(blueprint), LIST: listed((ROOT / LIST).read_text(encoding="utf-8"), name)}
    folders = [f"{parent}/{name}" for parent in ("webapp", "templates", "tests")]
    try:
        with staged(ROOT, files) as stage:
            file, text = made(stage, name, blueprint.model, ROOT)
            migration = f"webapp/migrations/{file}"
            write(stage, {migration: text})
            if not dry_run:
                publish(stage, ROOT, folders, migration)
    except (NotMade, OSError) as error:
        raise Unusable(f"nothing was written: {error}") from error
    return [*files, migration]


def _taken() -> set[str]:
    """Names that a new feature cannot have: of what lies in the folders that it gets one in, and of streams."""
    entries = [path for parent in ("webapp", "templates", "tests") for path in (ROOT / parent).iterdir()]
    return {path.stem for path in entries} | {one.stream for feature in FEATURES for one in feature.bindings}


def _paths() -> set[str]:
    urls = [url for feature in FEATURES for url in feature.routes if isinstance(url, Mount | Route | WebSocketRoute)]
    return {url.path.split("/")[1] for url in urls} | {*APP_PATHS}


def _models(base: type[Model]) -> list[type[Model]]:
    return [each for kind in base.__subclasses__() for each in (kind, *_models(kind))]
