"""The same bytes on one core or forty: numeric work of this room runs under one thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Result = TypeVar("Result")


def single_threaded(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Call ``function`` under one BLAS thread, because sums differ between one thread and several.

    >>> single_threaded(pow)(2, 3)
    8
    """

    @wraps(function)
    def limited(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with threadpool_limits(limits=1):
            return function(*args, **kwargs)

    return limited
