"""What is true of every detector; each has a file of its own beside this one."""

from __future__ import annotations

import pytest

from detectors import Kind, NotRun, Request, build


@pytest.mark.parametrize("kind", [Kind.CONGESTION, Kind.FISHING])
def test_without_a_model_they_do_not_run_and_say_so(kind: Kind) -> None:
    with pytest.raises(NotRun, match="no object model"):
        build(kind, Request())


@pytest.mark.parametrize("kind", list(Kind))
def test_a_model_without_the_classes_it_needs_does_not_do(kind: Kind) -> None:
    class Cats:
        name = "cats"
        classes = frozenset({"cat"})

    if kind is Kind.FIREWORKS:
        assert build(kind, Request(model=Cats())).kind is kind  # type: ignore[arg-type]
        return
    with pytest.raises(NotRun, match="cats knows no"):
        build(kind, Request(model=Cats()))  # type: ignore[arg-type]
