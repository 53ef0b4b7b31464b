"""static/css/grouping.css is the comparison that tests/support/grouping.py spells out.

`REWRITE_GOLDEN=1 pytest tests/web/test_grouping.py` writes the file anew.
"""

from __future__ import annotations

import os

from tests.support.app_server import ROOT
from tests.support.grouping import sheet

FILE = ROOT / "static" / "css" / "grouping.css"


def test_the_sheet_compares_each_place_of_a_mark() -> None:
    if os.environ.get("REWRITE_GOLDEN"):
        FILE.write_text(sheet(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == sheet()
