"""Writes the tables of tokens into docs/themes.md, from the comments in static/css/tokens.css.

`bin/docs` runs this module. tests/themes/test_tokens.py fails if the tables are outdated.
"""

from __future__ import annotations

from pathlib import Path

from webapp.themes.tokens import read_tokens, table

TARGET = Path(__file__).resolve().parent.parent / "docs" / "themes.md"
BEGIN = "<!-- tokens: written by bin/docs -->\n"
END = "<!-- end of tokens -->"


def main() -> None:
    """Write the tables."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    TARGET.write_text(f"{before}{BEGIN}\n{table(read_tokens())}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
