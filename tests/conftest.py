"""What all tests share: where public data lie, and when a skip is allowed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # "all cores" means this one: small studies cost less than a process
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")


ROOT = Path(__file__).resolve().parents[1]
#: Folders and files that `make test-fast` leaves out, by name.
SLOW = tuple(
    ROOT / line for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"
)


def is_slow(path: Path) -> bool:
    """Whether a file is on the list of the slow ones, or lies in a folder that is."""
    return any(one in (path, *path.parents) for one in SLOW)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Slow files are not even imported where slow tests are not wanted."""
    return True if "not slow" in config.getoption("-m") and is_slow(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the list of the slow ones are marked so; tests that read public data skip by name without it."""
    for item in items:
        if is_slow(item.path):
            item.add_marker(pytest.mark.slow)
    if os.environ.get("SEGMENT_DATA"):
        return
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(pytest.mark.skip(reason="set SEGMENT_DATA to the folder with the public data"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With SEGMENT_NO_SKIP=1 (as in CI) a skip is a failure: nothing may go unseen."""
    report = yield
    if os.environ.get("SEGMENT_NO_SKIP") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and SEGMENT_NO_SKIP=1 forbids it: {report.longrepr}"
    return report


#: Seconds of processor time that the loop at the desk may take; from how many on a file belongs among the slow ones.
FAST, SLOW_FROM = 60.0, 3.0
_SPENT: Counter[str] = Counter()


def _processor_time() -> float:
    """Seconds of processor time of this process and of those it started, until now."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What a file costs, with its fixtures."""
    begun = _processor_time()
    handled = yield
    _SPENT[item.path.relative_to(ROOT).as_posix()] += _processor_time() - begun
    return handled


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """After the fast tests: what they cost, and which files belong on the list of the slow ones."""
    if "not slow" not in config.getoption("-m"):
        return
    terminalreporter.write_line(f"{_processor_time():.0f} s of processor time; the fast tests may take {FAST:.0f}")
    for name, seconds in _SPENT.most_common():
        if seconds >= SLOW_FROM:
            terminalreporter.write_line(f"{name} took {seconds:.1f} s: it belongs in tests/slow.txt")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fast tests that have become slow are a failure of their own."""
    if "not slow" in session.config.getoption("-m") and exitstatus == pytest.ExitCode.OK and _processor_time() > FAST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _no_ledger_at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes the organisation's ledger of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENT_LEDGER", str(tmp_path_factory.mktemp("organisation-ledgers") / "of-the-session"))
        yield


@pytest.fixture(autouse=True)
def _ledger_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has an organisation's ledger of its own: what one test releases is nothing to another."""
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]
    monkeypatch.setenv("SEGMENT_LEDGER", str(Path(os.environ["SEGMENT_LEDGER"]).with_name(name)))


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder with the public data sets."""
    return Path(os.environ["SEGMENT_DATA"])


@pytest.fixture
def somebody() -> Iterator[subprocess.Popen[bytes]]:
    """A process that nobody may end."""
    living = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    try:
        yield living
    finally:
        living.kill()
        living.wait()
