"""Settings that name something which stands elsewhere in the study: attributes, causes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from segment.config.models import StudyConfig, ValueConfig, ValueParameters
from segment.errors import nearest
from segment.vocabulary import EndReason, OutcomeKind, Purpose

#: Where a setting stands, and what is wrong with the name that it gives.
Misnamed = tuple[tuple[str | int, ...], str]


def misnamed(config: StudyConfig) -> Iterator[Misnamed]:
    """Every setting that names what the study does not have, with the nearest name that it has."""
    retention, value = config.retention, config.retention.value
    if "first_year_by" in retention.model_fields_set:
        yield from _attribute(config, ("retention", "first_year_by"), retention.first_year_by)
    if value is not None and value.by is not None:
        yield from _attribute(config, ("retention", "value", "by"), value.by)
    causes = () if config.outcome is None else config.outcome.causes
    if config.outcome is not None and config.outcome.kind == OutcomeKind.SPELLS:  # of others the file has own words
        for cause in causes:
            yield from _unknown(("outcome", "causes"), "cause", cause, tuple(EndReason))
    known = tuple(dict.fromkeys((*causes, *EndReason)))
    for where, parameters in _parameters(value):
        for cause in parameters.exit_cost:
            yield from _unknown(("retention", "value", *where, "exit_cost", cause), "cause", cause, known)


def _parameters(value: ValueConfig | None) -> Iterator[tuple[tuple[str, ...], ValueParameters]]:
    """What a stay is worth, of everyone and by function, with where it stands."""
    if value is not None:
        yield ("everyone",), value.everyone
        yield from ((("functions", name), own) for name, own in value.functions.items())


def _attribute(config: StudyConfig, key: tuple[str, ...], name: str) -> Iterator[Misnamed]:
    """An attribute of people that figures may be shown by."""
    people = config.sources.people
    every = {} if people is None else people.attributes
    open_ones = [one for one, of in every.items() if of.purpose != Purpose.AUDIT]
    if name in every and name not in open_ones:
        yield key, f"attribute '{name}' is for the audit only; known: {', '.join(open_ones) or 'none'}"
    else:
        yield from _unknown(key, "attribute", name, open_ones)


def _unknown(key: tuple[str | int, ...], what: str, name: str, known: Collection[str]) -> Iterator[Misnamed]:
    if name not in known:
        yield key, f"there is no {what} '{name}'; {nearest(name, known) or 'none is declared'}"
