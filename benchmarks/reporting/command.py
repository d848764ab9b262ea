"""The command line of a benchmark that measures claims in parts: which parts, short or whole, and what was missed."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pandas as pd

#: What measures one part and gives the rows of its table; a row's ``met`` is "yes", "NO" or empty.
Part = Callable[[], list[dict[str, Any]]]


def run_parts(
    description: str | None,
    parts: Callable[[bool, int], Mapping[str, Part]],
    arguments: Sequence[str],
    *,
    exact: Collection[str] = (),
) -> int:
    """Run the parts that were asked for and print a table for each.

    ``parts`` gives name -> part for (short, seed). A claim that is missed is counted and shown, and the figures are the
    answer; in the parts named in ``exact`` nothing is left to chance, so that a miss there is a fault and the command
    ends with 1.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a minute or two of CPU, for every change")
    parser.add_argument("--only", default="", help="parts to run, with commas")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen = parts(options.short, options.seed)
    wanted = [name for name in options.only.split(",") if name] or list(chosen)
    unknown = sorted(set(wanted) - set(chosen))
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(chosen)}")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    missed = {name: _printed(name, chosen[name]) for name in wanted}
    print(f"\nclaims missed: {sum(missed.values())}")
    return int(any(missed[name] for name in wanted if name in exact))


def _printed(name: str, part: Part) -> int:
    """Measure one part and print its table; returns how many of its claims were missed."""
    begun = time.process_time()
    table = pd.DataFrame(part())
    if table.empty:
        print(f"\n{name}: nothing in the short form", flush=True)
        return 0
    print(f"\n{name} ({time.process_time() - begun:.0f} s of CPU)\n{table.to_string(index=False)}", flush=True)
    return int((table["met"] == "NO").sum())
