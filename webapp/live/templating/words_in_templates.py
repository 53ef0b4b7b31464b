"""Finds out which templates have words, so that those without are rendered once for readers of all languages."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import Environment, TemplateNotFound, nodes

_CALLS = {"gettext", "_", "ngettext", "pgettext", "npgettext"}
_FILTERS = {"number", "listing"}
_NAMES = {"language", "languages"}
_FRAGMENTS = {"fragment", "fragment_now"}


class WordsInTemplates:
    """Which templates have words, or include some that have.

    The filter `date_time` does not count: rendered for everybody it gives digits, which all languages read.

    Args:
        environment: Loads the templates.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        """Return whether a template says anything that depends on the language of its reader.

        A missing template does not. Where templates may change while the app runs, all count as having words.

        Raises:
            jinja2.TemplateSyntaxError: The template cannot be parsed.
        """
        if self._environment.auto_reload:
            return True
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._look(name, set())
        return known

    def forget(self) -> None:
        """Look into every template anew."""
        self._known.clear()

    def _look(self, name: str, seen: set[str]) -> bool:
        if name in seen:
            return False
        seen.add(name)
        loader = self._environment.loader
        try:
            source = loader.get_source(self._environment, name)[0] if loader else ""
        except TemplateNotFound:
            return False
        tree = self._environment.parse(source, name)
        return _says_something(tree) or any(each is None or self._look(each, seen) for each in _used(tree))


def _says_something(tree: nodes.Template) -> bool:
    return (
        any(isinstance(call.node, nodes.Name) and call.node.name in _CALLS for call in tree.find_all(nodes.Call))
        or any(each.name in _FILTERS for each in tree.find_all(nodes.Filter))
        or any(each.name in _NAMES and each.ctx == "load" for each in tree.find_all(nodes.Name))
    )


def _used(tree: nodes.Template) -> Iterator[str | None]:
    """Yield the templates that a template includes, extends or imports, and its fragments; None: any could be."""
    for kind in (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport):
        for each in tree.find_all(kind):
            yield from _constants(getattr(each, "template"))  # noqa: B009 - mypy takes them for other statements
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in _FRAGMENTS:
            yield from _constants(call.args[0])


def _constants(node: nodes.Expr) -> Iterator[str | None]:
    try:
        value = node.as_const()
    except nodes.Impossible:
        yield None
        return
    yield from [value] if isinstance(value, str) else value
