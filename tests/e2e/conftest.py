"""One demo for the journeys that only look and leave each other alone: a start costs more than such a journey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.journeys import Demo, demo


@pytest.fixture(scope="session")
def shared_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("shared")) as running:
        yield running
