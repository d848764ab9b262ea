"""The whole way, measured: the demo and the public studies, what the flow adds, and what must not change.

    python benchmarks/whole_way.py            everything; public studies need SEGMENT_DATA
    python benchmarks/whole_way.py --short    the demo's flow on a smaller organisation, for a quick check

Prints a Markdown table. CPU seconds are those of the whole process with its children, memory is the largest single
process; wall times are given only where the claim is about waiting.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO = "configs/studies/demo.yaml"
STAGES_DIRECTLY = """
import sys, time
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
opened = open_study(sys.argv[1], overrides=sys.argv[2:])
begun = time.monotonic()
for stage in STAGES_IN_ORDER.values():
    run_stage(stage, opened)
print(time.monotonic() - begun)
"""
PEAK = """
import resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module("pipelines.study", run_name="__main__")
finally:
    own, children = (resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"peak {max(own, children) / 1e6:.3f}", file=sys.stderr)
"""


def environment() -> dict[str, str]:
    quiet = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "OMP_NUM_THREADS": "1"}
    return {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"} | quiet


def run(arguments: list[str]) -> tuple[float, float, str, str]:
    """CPU seconds with children, wall seconds, output, errors of one command."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments[:4])} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return cpu, time.monotonic() - begun, done.stdout, done.stderr


def flow(study: str, workspace: Path, *settings: str) -> tuple[float, float, float, str]:
    """CPU, wall, peak memory in GB and output of a study's flow."""
    options = [part for setting in (f"workspace={workspace}", *settings) for part in ("--set", setting)]
    cpu, wall, said, log = run([sys.executable, "-c", PEAK, "pipelines.study", study, *options])
    peak = float(log.rsplit("peak ", 1)[1].split()[0])
    return cpu, wall, peak, said


def fingerprint(workspace: Path) -> str:
    """One digest over every file a reader gets."""
    total = hashlib.sha256()
    for folder in ("exports", "handover", "released"):
        for path in sorted((workspace / folder).rglob("*")):
            if path.is_file():
                total.update(str(path.relative_to(workspace)).encode() + path.read_bytes())
    return total.hexdigest()


def left_behind() -> int:
    """Prefect servers that still run (0 is the claim)."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    return sum("prefect.server.api.server" in line for line in listed.splitlines())


def measure_demo(rows: list[tuple[str, str, str]], scratch: Path, *settings: str) -> None:
    cpu, wall, peak, _ = flow(DEMO, scratch / "demo", *settings)
    rows.append(("demo: CPU", f"{cpu:.0f} s", "under 90 s"))
    rows.append(("demo: peak memory", f"{peak:.2f} GB", "under 1.2 GB"))
    again, _, _, said = flow(DEMO, scratch / "demo", *settings)
    rows.append(
        (
            "demo again",
            f"{'nothing done' if 'Nothing changed' in said else 'DONE AGAIN'}, {again:.0f} s CPU",
            "nothing done",
        )
    )
    overrides = [f"workspace={scratch / 'direct'}", *settings]
    _, _, out, _ = run([sys.executable, "-c", STAGES_DIRECTLY, DEMO, *overrides])
    rows.append(("wall time the flow adds", f"{wall - float(out.split()[-1]):.0f} s", "under 30 s"))
    same = fingerprint(scratch / "demo") == fingerprint(scratch / "direct")
    rows.append(("from an empty workspace", "same bytes" if same else "OTHER BYTES", "same bytes"))
    rows.append(("processes left behind", str(left_behind()), "0"))


def measure_help(rows: list[tuple[str, str, str]]) -> None:
    times = sorted(run([sys.executable, "-m", "segment", "--help"])[0] for _ in range(5))
    rows.append(("segment --help: CPU, median of 5", f"{times[2]:.2f} s", "under 0.5 s"))


def measure_public(rows: list[tuple[str, str, str]], scratch: Path) -> None:
    for name, claim in (("fevs2018", "under 300 s"), ("gss2016", ""), ("mfg10year", "")):
        cpu, _, peak, _ = flow(f"configs/studies/{name}.yaml", scratch / name)
        rows.append((f"{name}: CPU", f"{cpu:.0f} s", claim))
        rows.append((f"{name}: peak memory", f"{peak:.2f} GB", "under 2 GB"))
        rows.extend(findings_of(name, scratch / name))


def findings_of(name: str, workspace: Path) -> list[tuple[str, str, str]]:
    """What the study found on people it did not learn from."""
    (path,) = (workspace / "released").rglob("evaluation.json")
    content = json.loads(path.read_text())
    place = {column: i for i, column in enumerate(content["columns"])}
    found = {row[place["metric"]]: row[place["value"]] for row in content["data"] if row[place["model"]] == "model"}
    rows = []
    if name == "fevs2018":
        rows.append(("fevs2018: AUC of leaving, hold-out", f"{found['auc']:.3f}", "at least .79"))
        rows.append(("fevs2018: calibration slope", f"{found['slope']:.3f}", ".95 to 1.05"))
        bins = json.loads((path.parent / "calibration.json").read_text())
        at = {column: i for i, column in enumerate(bins["columns"])}
        inside = sum(row[at["covers"]] == "yes" for row in bins["data"])
        rows.append(("fevs2018: tenths whose band covers the diagonal", f"{inside} of {len(bins['data'])}", "all"))
    elif name == "gss2016":
        rows.append(("gss2016: AUC of leaving, hold-out", f"{found['auc']:.3f}", ""))
    else:
        rows.append(("mfg10year: concordance on later time (Uno)", f"{found['uno']:.3f}", ""))
        metrics = sorted(name for name in found if name.startswith("auc_") and name.endswith("_12"))
        rows.extend((f"mfg10year: {metric} on later time", f"{found[metric]:.3f}", "") for metric in metrics)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a smaller organisation, no public data")
    short = parser.parse_args().short
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        measure_help(rows)
        small = ("simulation.people=800", "segmentation.n_segments=[4,5]", "retention.max_rows=5000") if short else ()
        measure_demo(rows, scratch, *small)
        if not short and os.environ.get("SEGMENT_DATA"):
            measure_public(rows, scratch)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}\n")
    print("| what | measured | claim |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
