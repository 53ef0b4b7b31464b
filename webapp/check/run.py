"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from webapp.check.finding import Finding
from webapp.check.places import check_disk, check_folder, check_secret
from webapp.check.services import check_database, check_relay, line
from webapp.check.theme import check_theme
from webapp.live.database.database_errors import DATABASE_AWAY
from webapp.live.database.service_urls import UnusableURL
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.settings import DATA, Settings, SettingsError


async def check_all(environ: Mapping[str, str], release: bool = False, data: Path = DATA) -> list[Finding]:
    """Run every check.

    Args:
        environ: The environment variables.
        release: A platform's release runs this before `migrate`, so that missing tables are no error.
        data: The folder for what is kept when nothing else is said.

    Returns:
        The findings; empty when all is well.
    """
    try:
        settings = Settings.from_env(environ, data, serving=False)
    except SettingsError as error:
        return [Finding(str(error))]
    findings = [*check_libraries(), *check_theme(settings), *check_disk(settings, environ), *check_pages(settings)]
    if any(found.fatal for found in findings):
        # A secret or a database would be made where both are lost.
        return findings
    findings += check_folder(settings) or check_secret(settings, environ, data)
    if not any(found.fatal for found in findings):
        findings += [*(await _check_database(settings, release)), *(await check_relay(settings))]
    return findings


def check_pages(settings: Settings) -> list[Finding]:
    """Check the templates and style sheets. `python -m webapp check templates` tells more of each finding."""
    # If this were imported at the top, every process of a deployment would load what reads templates and colours.
    from webapp.design.rules import Level, check_templates

    findings = check_templates([*settings.templates, TEMPLATES], [*settings.static, STATIC])
    found = (each for each in findings if each.level is not Level.ADVICE)
    return [Finding(f"{each} {each.mend}", each.level is Level.FATAL) for each in found]


def check_libraries(static: Path = STATIC) -> list[Finding]:
    """Find out whether the build has fetched the browser libraries, without which no page is live."""
    if (static / "vendor").is_dir():
        return []
    return [Finding("static/vendor is missing: run `python hatch_build.py` to fetch the browser libraries.")]


async def _check_database(settings: Settings, release: bool) -> list[Finding]:
    try:
        return await check_database(settings, release)
    except UnusableURL as error:
        return [Finding(str(error))]
    except DATABASE_AWAY as error:
        return [Finding(f"The database cannot be used: {line(error)}")]
