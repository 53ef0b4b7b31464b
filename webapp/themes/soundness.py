"""Whether the app can serve with a theme."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError

from webapp.live.templating import STATIC, TEMPLATES, Assets, StyleSheetError, Templates
from webapp.themes.theme import PARTS, Theme


def problems(theme: Theme) -> Iterator[str]:
    """Say in one line each what keeps the app from serving with `theme`."""
    unusable = list(_unusable_files(theme))
    yield from unusable
    if unusable:
        return
    templates = Templates([*theme.templates, TEMPLATES], Assets([*theme.static, STATIC]))
    yield from _broken_templates(theme, templates)
    try:
        templates.list_style_sheets()
    except TemplateSyntaxError:
        return  # one of the broken templates
    except (StyleSheetError, TemplateError) as error:
        yield str(error)
    except (OSError, ValueError) as error:
        yield f"a style sheet that _styles.html lists cannot be read ({error})."


def _unusable_files(theme: Theme) -> Iterator[str]:
    for file in files_of(theme):
        # A link that leads out of the folder would serve any file of the machine.
        if not file.resolve().is_relative_to(theme.folder.resolve()):
            yield f"{file} leads out of the theme's folder. Put the file itself there."
        elif not os.access(file, os.R_OK):
            yield f"{file} cannot be read."


def files_of(theme: Theme) -> Iterator[Path]:
    """Return the files of a theme, and links to folders."""
    for part in PARTS:
        for folder, folders, files in os.walk(theme.folder / part):
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            yield from (Path(folder) / name for name in sorted([*files, *links]))


def _broken_templates(theme: Theme, templates: Templates) -> Iterator[str]:
    (folder,) = theme.templates
    for file in sorted(folder.rglob("*.html")):
        name = file.relative_to(folder).as_posix()
        try:
            templates.has(name)
        except TemplateSyntaxError as error:
            yield f"templates/{error.name or name}, line {error.lineno}: {error.message}"
        except ValueError:
            yield f"templates/{name} is not written in UTF-8."
