"""This library beside its neighbours: fifteen points of scikit-learn's conventions, asked by running them.

    python benchmarks/library.py [--short] [--only segment,stepmix,skrub,...]

Every point is a probe (``neighbours/probes.py``) that runs on a few estimators of each library, on 120 people. yes: it
holds of all of them; part: of some; no: of none; -: it does not apply. What a peer does in a way of its own (lifelines'
``weights_col`` and plots) is no convention and is not counted; it may serve as well. Peers run in environments of their
own, made once by pip in a cache folder (``staying/outside.py``); the short form asks this library, and those peers
whose environment was made before. A peer that cannot be installed is skipped with the reason. A point of estimators
that this library misses ends with 1; the others are figures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from neighbours.probes import BESIDE, OF_ESTIMATORS
from neighbours.subjects import LIBRARIES
from staying.outside import environment, made_before

WORKER = Path(__file__).with_name("neighbours") / "worker.py"
OWN = "segment"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="makes no environment: this library, and what is there")
    parser.add_argument("--only", default="", help="libraries to ask, with commas")
    options = parser.parse_args(arguments)
    wanted = [name for name in options.only.split(",") if name] or list(LIBRARIES)
    unknown = sorted(set(wanted) - set(LIBRARIES))
    if unknown:
        parser.error(f"no library is called {', '.join(unknown)}; there are {', '.join(LIBRARIES)}")
    answers = {name: answer(name, short=options.short) for name in wanted}
    told = {name: said for name, said in answers.items() if not isinstance(said, str)}
    print(table(told).to_string(), flush=True)
    print("\nnot held, and why:")
    for name, said in told.items():
        for row in said["rows"]:
            if row["held"] in ("no", "part"):
                print(f"  {name}, {row['point']} ({row['held']}): {row['why'][:400]}")
    for name, why in answers.items():
        if isinstance(why, str):
            print(f"  {name} was not asked: {why}")
    missed = [row["point"] for row in told.get(OWN, {"rows": []})["rows"] if row["held"] in ("no", "part")]
    if OWN in told:
        print(f"\npoints missed by {OWN}: {', '.join(missed) or 'none'}")
    return int(bool(set(missed) & set(OF_ESTIMATORS)) or isinstance(answers.get(OWN), str))


def answer(name: str, *, short: bool) -> dict[str, Any] | str:
    """What the probes found of one library, or why it was not asked."""
    if name == OWN:
        python: Path | str = Path(sys.executable)
    elif short and not made_before(name):
        return "its environment is not made in the short form"
    else:
        python = environment(name)
    if isinstance(python, str):
        return python
    done = subprocess.run([str(python), str(WORKER), name], capture_output=True, text=True, timeout=1_200, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"its probes could not run: {last[0][:200]}"
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def table(told: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """One row per point, one column per library with its version, and how many points it holds."""
    shown = {
        f"{name} {said['version']}".strip(): {row["point"]: row["held"] for row in said["rows"]}
        for name, said in told.items()
    }
    found = pd.DataFrame(shown)
    fifteen = found.drop(index=list(BESIDE))
    found.loc["held of those asked"] = [f"{(one == 'yes').sum()} of {(one != '-').sum()}" for _, one in fifteen.items()]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
