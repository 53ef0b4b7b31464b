"""The templates and their fixtures, as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from webapp.design.fixtures import FILE, Fixtures, load
from webapp.design.gallery.sources import Source, sources_in

Stamp = Mapping[Path, int]
"""When files have changed, by path, in nanoseconds."""


class Library:
    """Reads the folders of templates at each request, and the fixtures again only when something has changed.

    Args:
        folders: The folders of templates, in the order of the search.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders
        self._stamp: Stamp = {}
        self._fixtures = Fixtures()
        self._sources: Mapping[str, Source] = {}

    @property
    def fixtures(self) -> Fixtures:
        """All entries and problems."""
        self._refresh()
        return self._fixtures

    @property
    def sources(self) -> Mapping[str, Source]:
        """The texts of all templates, by name."""
        self._refresh()
        return self._sources

    def _refresh(self) -> None:
        stamp = self._now()
        if stamp != self._stamp:
            self._fixtures, self._sources = load(self.folders), sources_in(self.folders)
            self._stamp = stamp

    def _now(self) -> Stamp:
        files = [path for folder in self.folders for path in (*folder.rglob("*.html"), folder / FILE)]
        return {path: path.stat().st_mtime_ns for path in files if path.is_file()}
