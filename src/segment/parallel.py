"""The one place where work is spread over cores, so that one core and forty give the same answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import joblib
from threadpoolctl import threadpool_limits

Result = TypeVar("Result")
#: Processes that have workers. A process that is forked from one of them believes it has them too, and would wait for
#: ever.
_WITH_WORKERS: set[int] = set()


def run_parallel(
    function: Callable[..., Result], jobs: Iterable[Sequence[object]], *, n_jobs: int | None = None
) -> list[Result]:
    """Call ``function(*job)`` for every job and return the results in the jobs' order.

    Each call runs under one BLAS and OpenMP thread, because sums differ between one thread and several; so the
    result does not depend on ``n_jobs`` (None or 1: here; -1: all cores, or as many as the environment's
    ``LOKY_MAX_CPU_COUNT`` allows). No more processes are started than there are jobs, and none by a process that was
    forked from one that has workers: it works alone.

    >>> run_parallel(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    waiting = list(jobs)
    at_once = min(joblib.effective_n_jobs(1 if n_jobs is None else n_jobs), len(waiting))
    if at_once <= 1 or _WITH_WORKERS - {os.getpid()}:
        return [single_threaded(function, *job) for job in waiting]
    _WITH_WORKERS.add(os.getpid())
    calls = (joblib.delayed(single_threaded)(function, *job) for job in waiting)
    return list(joblib.Parallel(n_jobs=at_once, max_nbytes="1M")(calls))


def single_threaded(function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function under one BLAS and OpenMP thread.

    >>> single_threaded(sum, [1, 2])
    3
    """
    with threadpool_limits(limits=1):
        return function(*arguments)
