"""The folders of the engine's own templates and static files: beside the code in a wheel, at the top in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]

ROOT = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent
"""The folder that holds `templates` and `static`."""

TEMPLATES = ROOT / "templates"
"""The folder of the engine's templates."""

STATIC = ROOT / "static"
"""The folder of the engine's static files."""
