"""Folders that lie over each other: a file in an earlier one replaces the file of the same path in a later one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

BASE = "base:"
"""Before a template's name: the built-in template of that name, whichever folders lie over it."""


class Overlay:
    """Finds files in folders.

    Args:
        folders: The folders, in the order of the search.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def file(self, path: str) -> Path:
        """Return the file that counts for `path`. If no folder has one, it is the place in the last folder."""
        files = [folder / path for folder in self._folders]
        return next((file for file in files if file.is_file()), files[-1])

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the paths below the folders that match `pattern`, such as `css/theme/*.css`, in their order."""
        found = ((folder, file) for folder in self._folders for file in folder.glob(pattern) if file.is_file())
        return sorted({file.relative_to(folder).as_posix() for folder, file in found})


class OverlayLoader(FileSystemLoader):
    """Loads templates from folders, and under BASE from the last folder alone.

    So a template can extend or include the built-in one that it replaces, and never finds itself there. Jinja's
    ChoiceLoader with a PrefixLoader does the same, but then `list_templates` names every built-in template twice.

    Args:
        folders: The folders, in the order of the search.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(folders)
        self._files = Overlay(folders)
        self._base = FileSystemLoader(folders[-1])

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return a template's source, its file, and what tells whether the file is still as it was."""
        if template.startswith(BASE):
            return self._base.get_source(environment, template.removeprefix(BASE))
        source, place, is_as_read = super().get_source(environment, template)
        # A file that is new in an earlier folder replaces the one that was read, which has not changed itself.
        return source, place, lambda: is_as_read() and self._files.file(template) == Path(place)
