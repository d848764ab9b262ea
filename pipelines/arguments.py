"""What the command line of a flow understands."""

from __future__ import annotations

import argparse
from typing import TypeVar

from prefect import Flow

from segment.stages import STAGES_IN_ORDER
from segment.workspace.waiting import PUBLISH_HELP, WAIT_HELP, WAVES_HELP

Ran = TypeVar("Ran")


def names_of(*, start: str | None, only: str | None) -> tuple[str, ...]:
    """The stages to run: all, from one on, or one alone.

    >>> names_of(start="relate", only=None)
    ('relate', 'personalise', 'publish')
    """
    if only is not None:
        return (only,)
    every = tuple(STAGES_IN_ORDER)
    return every[every.index(start) :] if start is not None else every


def _seconds(text: str) -> float:
    """A time to wait; never negative, and a number."""
    seconds = float(text)
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"expected seconds, 0 or more; found: {text}")
    return seconds


def parser_of(flow: Flow[..., Ran], *, one_stage: bool) -> argparse.ArgumentParser:
    """What a flow's command line understands."""
    parser = argparse.ArgumentParser(
        prog=f"python -m pipelines.{f'flows {flow.name}' if one_stage else flow.name}",
        description=(flow.__doc__ or "").strip().splitlines()[0],
        epilog="example: python -m pipelines.study configs/studies/demo.yaml --set segmentation.n_splits=5",
    )
    parser.add_argument("study", help="the study's YAML file")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides", help="override a setting"
    )
    parser.add_argument("--wait", type=_seconds, default=0.0, metavar="[SECONDS]", help=WAIT_HELP)
    parser.add_argument("--log-format", choices=("text", "json"), help="json: a line of JSON for each step")
    parser.add_argument("--publish", action="store_true", help=PUBLISH_HELP)
    if not one_stage:
        every, which = list(STAGES_IN_ORDER), parser.add_mutually_exclusive_group()
        which.add_argument(
            "--from",
            choices=every,
            dest="start",
            help="start at this stage; earlier ones only if out of date",
        )
        which.add_argument("--waves", metavar="all|WAVE,...", help=WAVES_HELP)
        which.add_argument(
            "--only",
            choices=every,
            help="run this stage alone; refused when an earlier one is out of date",
        )
    return parser
