"""Who decided on which model and why: the event log's word, held against what the registry says now.

A registry is a place where anybody may click. Only ``segment promote`` writes into the log, which needs the key; so
what the two do not agree on is refused, with each difference named, before anybody is read by a model nobody chose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segment.errors import NotReady, Refusal
from segment.governance.events import Event
from segment.stages.base import LEARNED_FROM, OpenStudy, decided_store
from segment.stages.recovery import tracker_of
from segment.stages.release.ledgers import events_of
from segment.store import read_json
from segment.tracking import registry
from segment.tracking.reach import LOST
from segment.workspace.transaction import pending

#: What the event log calls a comparison that was made for a reviewer; its subject is the comparison's id.
COMPARED = "compare"


@dataclass(frozen=True)
class Decision:
    """One decision on a model, as the log holds it; ``number`` counts them from 1, ``on`` is its day.

    ``comparison``: the id of the comparison that the reviewer saw; empty where there was none.
    """

    number: int
    kind: str
    version: int
    sha256: str
    by: str
    reason: str
    on: str
    comparison: str = ""

    def __str__(self) -> str:
        because = f": {self.reason}" if self.reason else " (the reason stands in no event of that time)"
        saw = f" (saw comparison {self.comparison})" if self.comparison else ""
        return f"{self.number}. {self.kind} of version {self.version} by {self.by} on {self.on}{because}{saw}"

    @property
    def tag(self) -> tuple[str, str]:
        """Name and text of its tag on the version."""
        told = {"kind": self.kind, "by": self.by, "reason": self.reason, "sha256": self.sha256}
        return registry.decision_tag(self.number, **told, comparison=self.comparison)


def decisions_on(opened: OpenStudy, model: str) -> list[Decision]:
    """Every decision on a model, oldest first."""
    name = registry.registered_name(opened.config.study, model)
    told = [one for one in events_of(opened).events() if one.action == "promote" and one.subject == name]
    return [_decision(number, event) for number, event in enumerate(told, start=1)]


def next_decision(opened: OpenStudy, model: str, *, version: int) -> tuple[int, str]:
    """Number and kind of a decision that is about to be made: a rollback goes back to what was decided on before."""
    before = decisions_on(opened, model)
    back = any(one.version == version for one in before) and version < before[-1].version
    return len(before) + 1, "rollback" if back else "promotion"


def seen_comparison(opened: OpenStudy, model: str, *, version: int) -> str:
    """The id of the last comparison of a version with the champion there is now; empty where there was none."""
    decided = decisions_on(opened, model)
    champion = decided[-1].version if decided else None
    for event in reversed(events_of(opened).events()):
        told = event.detail
        if event.action == COMPARED and told.get("second", {}).get(model) == version:
            return event.subject if told.get("first", {}).get(model) == champion else ""
    return ""


def contradictions(opened: OpenStudy) -> list[str]:
    """What the registry says about decisions and the log does not, or the other way round; empty when they agree.

    A registry that is away, or that knows of no decision (a new store), contradicts nothing.
    """
    if pending(opened.workspace) is not None:
        return []
    apart = unlike(opened)
    found = [apart] if apart is not None else []
    tracker = tracker_of(opened)
    if tracker.is_own and not (opened.workspace / "mlflow.db").is_file():
        return found
    for model in registry.MODELS:
        try:
            held = registry.held(tracker, study=opened.config.study, model=model)
        except LOST:
            return found
        found += _against(model, decisions_on(opened, model), held)
    return found


def refuse_contradictions(opened: OpenStudy) -> None:
    """Refuse to go on where registry and log do not tell the same about decisions.

    Raises
    ------
    Refusal
        Says what each of them says, and who decided last.
    """
    found = contradictions(opened)
    if found:
        raise Refusal(
            "What the registry calls decided is not what was decided.",
            expected="aliases and tags as 'segment promote' left them, and models learned from the same people",
            came="; ".join(found),
            advice="find out who changed it; then decide: segment promote STUDY --model M --version N --by NAME "
            "--reason TEXT (a tag that was added is taken away in the MLflow UI)",
        )


def told_decisions(opened: OpenStudy) -> list[str]:
    """One line per decision, or one that says there is none."""
    lines = [f"  {model}: {one}" for model in registry.MODELS for one in decisions_on(opened, model)]
    return [f"Decisions: {len(lines)}, registry and log agree.", *lines] if lines else ["Decisions: none yet."]


def _decision(number: int, event: Event) -> Decision:
    told: Mapping[str, object] = event.detail
    return Decision(
        number,
        str(told.get("kind", "promotion")),
        int(str(told["version"])),
        str(told["sha256"]),
        event.actor,
        " ".join(str(told.get("reason", "")).split()),
        event.at[:10],
        str(told.get("comparison", "")),
    )


def _against(model: str, decided: Sequence[Decision], held: registry.Held) -> list[str]:
    """What a registry says otherwise about one model."""
    if held.champion is None and not held.decisions:
        return []
    last = decided[-1] if decided else None
    by_log = f"the last decision is {last}" if last is not None else "nobody has decided on one"
    found: list[str] = []
    if held.champion is None:
        found.append(f"the registry calls no {model} version champion, and {by_log}")
    elif last is None or held.champion.number != last.version:
        found.append(f"the registry calls version {held.champion.number} of {model} champion, and {by_log}")
    elif held.champion.sha256 != last.sha256:
        found.append(f"the digest of {model} version {last.version} in the registry is another one than was decided on")
    written = {(one.version, *one.tag) for one in decided if one.reason}
    for version, name, _ in sorted(held.decisions - written):
        found.append(f"tag '{name}' of {model} version {version} was written or changed by hand")
    there = {(version, name) for version, name, _ in held.decisions}
    for version, name, _ in sorted(written):
        if version in held.versions and (version, name) not in there:
            found.append(f"tag '{name}' of {model} version {version} was taken away")
    return found


def unlike(opened: OpenStudy) -> str | None:
    """That the decided models were not learned from the same people, answers and spells; None where they were."""
    store = decided_store(opened.store.models)
    said: dict[str, str] = {}
    for model in registry.MODELS:
        card = store.model_path(model).with_suffix(".json")
        try:
            said[model] = str(read_json(card).get(LEARNED_FROM, "")) if card.is_file() else ""
        except NotReady:
            said[model] = ""
    known = {model: digest for model, digest in said.items() if digest}
    if len(set(known.values())) < 2:
        return None
    last = {model: decided[-1].version for model in known if (decided := decisions_on(opened, model))}
    told = " and ".join(f"{model} version {last.get(model, '?')}" for model in known)
    return f"{told} do not belong together: they were learned from other people or answers"
