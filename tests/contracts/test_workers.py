"""The workers we have keep the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pybyzer.settings import Settings
from pybyzer.workers.base import WORKERS, Workers
from tests.contracts.workers_contract import WorkersContract


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    opened: Workers = WORKERS.get("ray")(Settings())  # type: ignore[call-arg]
    yield opened
    opened.close()
    opened.close()


class TestRayWorkers(WorkersContract):
    """The processes of a session."""
