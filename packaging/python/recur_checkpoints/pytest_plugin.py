"""The fixture ``assert_checkpoint`` of pytest."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from . import assert_checkpoint as check


@pytest.fixture
def assert_checkpoint() -> Callable[..., None]:
    """``assert_checkpoint("model.h5", golden="golden.npz")`` fails with the text of the command."""

    def run(path: Any, **options: Any) -> None:
        __tracebackhide__ = True
        try:
            check(path, **options)
        except AssertionError as error:
            pytest.fail(str(error), pytrace=False)

    return run
