"""The style sheets of the pages that are open."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from webapp.live.templating import BUNDLE, Assets, Templates

LINKS = "_styles.html"
"""The template with the links to the style sheets."""

_HREF = re.compile(r"<link\b[^>]*\bhref=\"([^\"]+\.css\b[^\"]*)\"")


class Sheets:
    """Knows the addresses of the style sheets that pages have, and their new ones after a change.

    Args:
        templates: Render the links.
        assets: The static files.
    """

    def __init__(self, templates: Templates, assets: Assets) -> None:
        self._templates = templates
        self._assets = assets
        self._linked = self._links()

    def replaced(self, changed: Collection[Path]) -> Sequence[tuple[str, str]] | None:
        """Return pairs of a selector of the links to a sheet, and its new URL.

        Args:
            changed: The static files that have changed.

        Returns:
            The pairs; None: pages need another list of links.
        """
        before, self._linked = self._linked, self._links()
        if not before or len(before) != len(self._linked):
            return None
        pairs = {f'link[href="{old}"]': new for old, new in zip(before, self._linked, strict=True) if old != new}
        # The error page names the one sheet that has them all. A page may also name a sheet that the template of the
        # links does not have.
        for path in [BUNDLE, *self._paths(changed)]:
            url = f"/static/{path}"
            pairs[f'link[href="{url}"], link[href^="{url}?"]'] = self._assets.url(path)
        return list(pairs.items())

    def _links(self) -> Sequence[str]:
        try:
            return _HREF.findall(self._templates.environment.get_template(LINKS).render())
        except Exception:
            # A sheet may be gone for the moment between two steps of an editor that saves.
            return ()

    def _paths(self, changed: Collection[Path]) -> Iterator[str]:
        for folder in map(Path, self._assets.all_directories):
            for file in changed:
                if file.is_relative_to(folder) and file.suffix == ".css" and file.is_file():
                    yield file.relative_to(folder).as_posix()
