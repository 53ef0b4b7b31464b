"""Servers under attack are not measured: counting branches would take the time that the probes are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.coverage_environment import NAMES


@pytest.fixture(scope="module", autouse=True)
def unmeasured() -> Iterator[None]:
    """Hand on nothing of coverage.py's to the servers of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        yield
