"""Where the engine's own templates and static files are: in the wheel beside the code, in a checkout at its top."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]

ROOT = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent
"""The folder that holds `templates` and `static`."""

TEMPLATES = ROOT / "templates"

STATIC = ROOT / "static"
