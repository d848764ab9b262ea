"""What a long fit says on its way when it is asked to: one line per step, in scikit-learn's manner."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from sklearn.base import BaseEstimator

#: Takes a step that is done, in words. Words name families, learners and settings, and count no people.
Tell = Callable[[str], None]


def silent(step: str) -> None:
    """Say nothing."""


def telling(estimator: BaseEstimator) -> Tell:
    """What an estimator tells its steps to: a line each on the standard output with ``verbose``, else nobody.

    A line has the estimator's name, the seconds since the fit began and the step. Results do not depend on it.

    Examples
    --------
    >>> class Model(BaseEstimator):
    ...     def __init__(self, verbose=0):
    ...         self.verbose = verbose
    >>> telling(Model(1))("answers read")
    [Model] 0.0 s: answers read
    >>> telling(Model())("answers read")
    """
    if not estimator.verbose:
        return silent
    name, began = type(estimator).__name__, time.monotonic()

    def tell(step: str) -> None:
        sys.stdout.write(f"[{name}] {time.monotonic() - began:.1f} s: {step}\n")
        sys.stdout.flush()

    return tell
