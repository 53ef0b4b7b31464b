"""The languages that pages may be in: those of the setting LANGUAGES, or else all for which there are catalogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from webapp.environment import SettingsError, names_of, shown
from webapp.live.templating import languages_in


def offered_languages(environ: Mapping[str, str], templates: Sequence[Path]) -> tuple[str, ...]:
    """Return the tags of the languages; the first one is for readers who ask for none of them.

    Args:
        environ: The environment variables.
        templates: The folders of templates, with their catalogs.

    Raises:
        SettingsError: There is no catalog of a language.
    """
    there = languages_in(templates)
    by_tag = {code.lower(): code for code in there}
    asked = names_of(environ, "LANGUAGES")
    for name in asked:
        if name.replace("_", "-").lower() not in by_tag:
            raise SettingsError(f"LANGUAGES={shown(name)}: there are catalogs of {', '.join(there)} only.")
    return tuple(dict.fromkeys(by_tag[name.replace("_", "-").lower()] for name in asked)) or tuple(there)
