"""The style sheets that compare neighbours are those that tests/support/grouping.py and days.py spell out.

`REWRITE_GOLDEN=1 pytest tests/web/test_grouping.py` writes the files anew.
"""

from __future__ import annotations

import os

import pytest

from tests.support import days, grouping
from tests.support.app_server import ROOT

SHEETS = {"grouping.css": grouping.sheet, "pages/days.css": days.sheet}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_compares_each_place(name: str) -> None:
    file, sheet = ROOT / "static" / "css" / name, SHEETS[name]()
    if os.environ.get("REWRITE_GOLDEN"):
        file.write_text(sheet, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == sheet
