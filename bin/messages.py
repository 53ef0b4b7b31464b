"""Brings translators' catalogs up to date with the templates, or checks that they are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from webapp.live.templating.catalogs import languages_in  # noqa: E402 - after the path is set
from webapp.live.templating.languages import SOURCE  # noqa: E402
from webapp.live.templating.messages import (  # noqa: E402
    is_current,
    missing_translations,
    update,
    wrong_translations,
)


def main() -> None:
    """Run the command; exit with 1 if a catalog is not as it should be, and say why."""
    parser = argparse.ArgumentParser(prog="bin/messages", description=__doc__)
    parser.add_argument("languages", nargs="*", help="languages to begin a catalog for, such as lv or pt-BR")
    parser.add_argument("--check", action="store_true", help="change nothing; say what is missing or wrong")
    parser.add_argument("--templates", type=Path, default=ROOT / "templates", help="the folder of the templates")
    asked = parser.parse_args()
    known = [code for code in languages_in([asked.templates]) if code != SOURCE]
    if asked.check:
        problems = list(problems_of(asked.templates, known))
        sys.exit("\n".join(problems) if problems else 0)
    try:
        for code in dict.fromkeys([*known, *asked.languages]):
            update(asked.templates, code)
    except ValueError as error:
        sys.exit(f"bin/messages: {error}")
    left = [f"{each.language}: {each.msgid!r}" for each in missing_translations([asked.templates])]
    print("\n".join([f"Not translated yet: {len(left)}", *left]))


def problems_of(templates: Path, languages: Sequence[str]) -> Iterator[str]:
    """Yield what is not as it should be, in one line each."""
    for code in languages:
        if not is_current(templates, code):
            yield f"{code}: the catalog is not up to date with the templates; run bin/messages"
    for missing in missing_translations([templates]):
        yield f"{missing.file}:{missing.line}: {missing.language} has no translation of {missing.msgid!r}"
    for wrong in wrong_translations([templates]):
        yield f"{wrong.file}:{wrong.line}: {wrong.msgid!r}: {wrong.why}"


if __name__ == "__main__":
    main()
