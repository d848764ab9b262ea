"""What it costs to write a study down and to ask its models: logging, answers alone and in a batch, a million people.

    python benchmarks/tracking.py            # 40 candidates, 500 requests, a million people; a few minutes
    python benchmarks/tracking.py --short    # 40 candidates, 50 requests, 20,000 people

Claims: logging a study of 40 candidates takes under 5 s of CPU; 95 % of requests for one person are answered within
50 ms on loopback; a million people in one batch take under 60 s of CPU and 2 GB; and alone or in a batch the answer is
that of ``segment assign`` to 1e-12.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import uvicorn
from releases.books import QUICK

from segment.governance.pseudonyms import study_pseudonyms
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.score import assign_file, promote_model
from segment.stages.serve import ready_service
from segment.stages.simulate import simulate_into
from segment.stages.tracking import Recording
from segment.store import read_json
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import Record, metric, param, table, tag
from segment.tracking.service import application, listen
from segment.tracking.serving import ServedScorer
from segment.vocabulary import World

CANDIDATES, FIGURES, TABLES, PEOPLE, WAVE = 40, 15, 12, 600, "2023-03"


def cost_of_logging(folder: Path) -> tuple[float, float]:
    """CPU seconds of a client that logs a study of 40 candidates, the first with its store; then one more."""
    (folder / "released").mkdir(parents=True)
    content = {"columns": ["segment", "mean"], "data": [[k, k / 7] for k in range(200)]}
    for number in range(TABLES):
        (folder / "released" / f"t{number}.json").write_text(json.dumps(content))
    costs = []
    for _ in range(2):
        began = time.process_time()
        tracker = Tracker.of(folder, "cost", environment={})
        run = StudyRun(tracker, "cost", {"study": "cost"})
        for stage in STAGES_IN_ORDER:
            run.log_stage(stage, list(_records(stage)), said=f"{stage} is done", skipped=False, key=stage)
        run.end()
        costs.append(time.process_time() - began)
    return costs[0], costs[1]


def _records(stage: str) -> Iterator[Record]:
    yield from (metric(f"figure_{number}", number / 7) for number in range(FIGURES))
    if stage == "discover":
        for k in range(CANDIDATES):
            run = f"discover/family-{k}"
            yield from (param("family", "mixture", run=run), param("k", k, run=run), tag("chosen", "no", run=run))
            yield from (metric(f"figure_{number}", number / 7, run=run) for number in range(FIGURES))
            yield from (metric(f"mixture/{number}", number / 7, run="discover", step=k) for number in range(FIGURES))
    if stage == "publish":
        yield from (table(f"t{number}", f"released/t{number}.json") for number in range(TABLES))


def decided_study(folder: Path) -> OpenStudy:
    """A small simulated study that walked its way, with a champion."""
    simulate_into(folder, people=PEOPLE, seed=5, world=World.NEEDS, waves=1)
    opened = open_study(folder / "study.yaml", overrides=[*QUICK, f"workspace={folder / 'work'}"])
    recording = Recording.of(opened)
    for stage in STAGES_IN_ORDER.values():
        recording.take(run_stage(stage, opened))
    recording.end(failed=False)
    for model in ("segmentation", "retention"):
        promote_model(
            opened.study.file, model=model, version=1, by="A. Reviewer", reason="benchmark", overrides=_settings(folder)
        )
    return opened


def _settings(folder: Path) -> list[str]:
    return [*QUICK, f"workspace={folder / 'work'}"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, ServedScorer]]:
    """``segment serve`` in a thread of this process; gives its address and its scorer."""
    _, service, _ = ready_service(folder / "study.yaml", model="segmentation", overrides=_settings(folder))
    place = listen(0)
    server = uvicorn.Server(uvicorn.Config(application(service), log_level="error"))
    thread = threading.Thread(target=lambda: server.run(sockets=[place]), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}/invocations", service.scorer
    finally:
        server.should_exit = True
        thread.join()


def ask(address: str, people: Sequence[dict[str, object]]) -> pd.DataFrame:
    """What a service says of people."""
    body = json.dumps({"dataframe_records": list(people)}).encode()
    request = urllib.request.Request(address, data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return pd.DataFrame(json.loads(answer.read())["predictions"])


def latencies(address: str, people: Sequence[dict[str, object]], requests: int) -> np.ndarray:
    """Milliseconds that somebody waits for the answer about one person, one request at a time."""
    waited = []
    for number in range(requests + 5):
        began = time.perf_counter()
        ask(address, [people[number % len(people)]])
        waited.append(1000 * (time.perf_counter() - began))
    return np.array(waited[5:])


def measure(folder: Path, *, requests: int, many: int) -> pd.DataFrame:
    """Every claim beside what was measured; ``holds`` where it does."""
    first, again = cost_of_logging(folder / "log")
    study = folder / "study"
    opened = decided_study(study)
    answers = study / f"responses_{WAVE}.csv"
    assign_file(study / "study.yaml", survey=answers, out=folder / "out.csv", overrides=_settings(study))
    with served(study) as (address, scorer):
        takes = [
            row["name"] for row in read_json(opened.store.model_path("segmentation").with_suffix(".json"))["takes"]
        ]
        survey = pd.read_csv(answers).head(100)
        rows = survey[takes]
        codes = study_pseudonyms(opened.config.study, opened.key).persons(survey["person_id"].astype(str))
        own = pd.read_csv(folder / "out.csv").set_index("person").loc[codes].reset_index()
        people = [{n: None if v != v else int(v) for n, v in row.items()} for row in rows.to_dict("records")]
        waited, apart = latencies(address, people, requests), furthest(address, people, own)
        rng = np.random.default_rng(0)  # answers drawn column by column, so that hardly two people are alike
        big = pd.DataFrame({name: rng.choice(rows[name].to_numpy(dtype=float), many) for name in rows})
        began = time.process_time()
        told = scorer.predict(None, big)
        cpu = time.process_time() - began
        assert len(told) == many
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    p50, p95 = np.percentile(waited, [50, 95])
    found = [
        (f"logging a study of {CANDIDATES} candidates, making its store: CPU", f"{first:.1f} s", "< 5 s", first < 5),
        ("the same in a store that is there: CPU", f"{again:.1f} s", "< 5 s", again < 5),
        (f"one person, {requests} requests in turn: p50, p95", f"{p50:.0f}, {p95:.0f} ms", "p95 < 50 ms", p95 < 50),
        (f"{many:,} people in one batch: CPU", f"{cpu:.1f} s", "< 60 s", cpu < 60),
        ("peak memory of all this", f"{peak:.2f} GB", "< 2 GB", peak < 2),
        ("furthest from `assign`, alone and in a batch", f"{apart:.0e}", "<= 1e-12", apart <= 1e-12),
    ]
    return pd.DataFrame(found, columns=["what", "measured", "claim", "holds"])


def furthest(address: str, people: Sequence[dict[str, object]], own: pd.DataFrame) -> float:
    """The largest difference of any chance of any person between the service and ``segment assign``."""
    alone = pd.concat([ask(address, [one]) for one in people[:30]], ignore_index=True)
    chances = [c for c in own if c.startswith("p_")]
    pairs = ((ask(address, people), own), (alone, own.head(30)))
    return max(float(np.abs(told[chances].to_numpy() - said[chances].to_numpy()).max()) for told, said in pairs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; ends with 1 where answers differ. Times and memory are of this machine, and stop nothing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="50 requests, 20,000 people")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="segment-tracking-") as scratch:
        table = measure(
            Path(scratch).resolve(),
            requests=50 if given.short else 500,
            many=20_000 if given.short else 1_000_000,
        )
    print(table.to_string(index=False))
    return 0 if bool(table["holds"].iloc[-1]) else 1  # the last row is of answers


if __name__ == "__main__":
    sys.exit(main())
