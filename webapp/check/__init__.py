"""Checks of a deployment before it serves: `python -m webapp check`.

Modules:
    finding.py   one finding, in plain words
    places.py    settings, the secret, the folder and the disk of an SQLite file
    services.py  the database and the relay, which are asked over the network
    theme.py     the theme's files
    run.py       all checks in their order
"""

from webapp.check.finding import Finding
from webapp.check.run import check_all, check_libraries
from webapp.check.theme import check_theme

__all__ = ["Finding", "check_all", "check_libraries", "check_theme"]
