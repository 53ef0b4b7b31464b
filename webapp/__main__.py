"""Runs `python -m webapp`: see `webapp.cli`."""

from webapp.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
