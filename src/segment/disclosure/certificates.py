"""What a release says of its own safety: the certificate of each table, and of all tables together."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Attack(TypedDict):
    """What an outsider can work out of the hidden groups of one table.

    ``narrowest_interval``: at least so many people wide; never how many exactly, as that may be all in the table.
    """

    method: str
    groups_audited: int
    narrowest_interval: float | None
    required_interval: float
    passed: bool


class Certificate(TypedDict):
    """Which rules one table was released under, how many groups were hidden and why, and what the attack found.

    ``floor``: people a group needed; ``scales``: ends of scales other than 1 to 5, by line; ``names``: what groups and
    lines are called where that looks like a number or a figure and is none; ``kept``: rows that are shown as an
    earlier release published them. Where figures chose the lines, all this is of rows that leave, and hidden ones count
    as ``hidden_primary`` whatever they are hidden for.
    """

    table: str
    kind: str
    groups: list[str]
    floor: int
    rules: dict[str, float]
    scales: dict[str, list[float]]
    names: list[str]
    cells: int
    hidden_primary: int
    hidden_complementary: int
    audit: Attack
    kept: NotRequired[int]


class Head(TypedDict):
    """How many lines a book had, and its public digest after them."""

    entries: int
    head: str


class ReleaseCertificate(TypedDict, total=False):
    """The certificate of a whole release, as it stands in the manifest.

    ``hidden``: hidden rows by table; ``facts``: what the sealed facts go by; ``barred``: groups that stay hidden
    because an earlier release differs from them by a few people; ``sealed``: tables that stay out as a whole;
    ``renewed``: rows, by table, whose number of people is one to four off an earlier one, as five or more changed.
    """

    tables: dict[str, Certificate]
    hidden: dict[str, int]
    passed: bool
    ledger: Head
    events: Head
    facts: str
    barred: list[str]
    sealed: list[str]
    renewed: dict[str, list[list[str]]]
