"""Work over several cores: the same answer, and an end, whoever asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from segment.parallel import run_parallel

FORKED = """
import os
from segment.parallel import run_parallel

jobs = [(n, 2) for n in range(4)]
before = run_parallel(pow, jobs, n_jobs=2)
child = os.fork()
if child == 0:
    os._exit(0 if run_parallel(pow, jobs, n_jobs=2) == before else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), run_parallel(pow, jobs, n_jobs=2) == before)
"""


def test_order_and_results_do_not_depend_on_the_cores() -> None:
    jobs = [(n, 3) for n in range(7)]
    assert run_parallel(pow, jobs, n_jobs=1) == run_parallel(pow, jobs, n_jobs=2) == [n**3 for n in range(7)]


def test_a_process_forked_from_one_with_workers_comes_to_an_end() -> None:
    """A forked process inherits the belief that workers listen; servers that fork their workers are such processes."""
    asked = subprocess.Popen([sys.executable, "-c", FORKED], stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        told, _ = asked.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        os.killpg(asked.pid, signal.SIGKILL)
        raise
    assert told.split() == ["0", "True"]
