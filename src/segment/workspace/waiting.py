"""Options that several command lines have, the same in each of them; light, because each of them reads it first."""

from __future__ import annotations

import re
from collections.abc import Sequence

WAIT_HELP = "wait for another command in this workspace to end, SECONDS at most; as long as it takes when left out"
PUBLISH_HELP = "let HR receive this before anybody has decided on a model; refused to challengers of a champion"
WAVES_HELP = "run every stage for these waves, earliest first, each as it would have been known then"
_NUMBER = re.compile(r"\d+(\.\d*)?")


def with_seconds(arguments: Sequence[str]) -> list[str]:
    """Arguments with the seconds of ``--wait`` spelled out: a word behind it that is no number is not its own.

    >>> with_seconds(["--wait", "study.yaml"]), with_seconds(["study.yaml", "--wait", "30"])
    (['--wait=inf', 'study.yaml'], ['study.yaml', '--wait=30'])
    """
    left, spelled = list(arguments), []
    while left:
        word = left.pop(0)
        if word == "--wait":
            word = f"--wait={left.pop(0) if left and _NUMBER.fullmatch(left[0]) else 'inf'}"
        spelled.append(word)
    return spelled
