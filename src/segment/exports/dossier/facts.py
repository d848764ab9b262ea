"""What the dossier may tell of a study: settings, columns, models and proof, and no figure of a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from segment.disclosure.certificates import Head, ReleaseCertificate
from segment.disclosure.rules import ReleaseRules
from segment.tables.registry import met

#: The columns of the HR export that are no attribute, in the order in which they are reported.
FIXED_COLUMNS: tuple[str, ...] = ("relation", "start_date", "end_date", "end_reason", "snapshot_date")


@dataclass(frozen=True)
class Column:
    """One attribute of people as the study declares it; ``source`` is empty and ``months`` None where it says nothing.

    ``purpose`` is model, profile or audit; ``sensitivity`` ordinary, confidential or protected; ``months`` how long it
    is kept after somebody left, where that is shorter than the person's own period.
    """

    name: str
    purpose: str
    sensitivity: str
    source: str = ""
    months: int | None = None


@dataclass(frozen=True)
class ModelFacts:
    """A model of the run: which one, how it was made, what it reads, and the fingerprint of its file.

    ``method`` is a family of segmentations, or the kind of outcome; ``groups`` how many segments there are.
    """

    name: str
    method: str
    reads: tuple[str, ...]
    digest: str
    groups: int = 0


@dataclass(frozen=True)
class Facts:
    """Everything the documents say that is not in the story, all of it read from the study and its run.

    Parameters
    ----------
    version, code, key_id
        Version of this program, digest of its code, fingerprint of the pseudonym key.
    columns, fixed
        Attributes of people that were read in, and which of ``FIXED_COLUMNS``.
    relations
        What people are to the organisation, as the export says.
    waves
        Surveys: name, and last day of answering (empty where the study does not say).
    questions
        Kind of question -> how many were asked.
    organisation
        Tables about the organisation and not about people: employer, units, offers.
    window, causes
        First and last day of the observation window, and the reasons of leaving; empty without an outcome.
    periods
        Relation -> months that people are kept after they left or were last heard of.
    floors
        The release rules by name.
    models
        The models of the run.
    cards, matching
        Whether cards are made for people who asked, and whether people are held against roles.
    barred, sealed
        How many groups, and how many tables, stay as they were published earlier.

    Examples
    --------
    >>> Facts(version="1.0", code="c0de", key_id="k1").columns
    ()
    """

    version: str
    code: str
    key_id: str
    columns: tuple[Column, ...] = ()
    fixed: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    waves: tuple[tuple[str, str], ...] = ()
    questions: Mapping[str, int] = field(default_factory=dict)
    organisation: tuple[str, ...] = ()
    window: tuple[str, str] | None = None
    causes: tuple[str, ...] = ()
    periods: Mapping[str, int] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=lambda: ReleaseRules().as_dict())
    models: tuple[ModelFacts, ...] = ()
    cards: bool = False
    matching: bool = False
    barred: int = 0
    sealed: int = 0

    def model(self, name: str) -> ModelFacts | None:
        """One of the models, or None where the study has none of this name."""
        return next((one for one in self.models if one.name == name), None)

    @property
    def learned(self) -> tuple[str, ...]:
        """The attributes that the model of leaving learned from; where there is none, those meant for it."""
        model, meant = self.model("retention"), self.named("model")
        return meant if model is None else tuple(name for name in meant if name in model.reads)

    @property
    def answers_learned(self) -> bool:
        """Whether the model of leaving learned from answers to the survey as well, as they are or as unmet needs."""
        model = self.model("retention")
        return model is not None and not set(model.reads) <= set(self.named("model"))

    def named(self, purpose: str) -> tuple[str, ...]:
        """The attributes with one purpose."""
        return tuple(column.name for column in self.columns if column.purpose == purpose)


@dataclass(frozen=True)
class Proof:
    """What the release's own check found, over all tables together."""

    tables: int
    rows: int
    hidden: int
    small: int
    attacked: int
    narrowest: float | None
    required: int
    passed: bool
    entries: int
    head: str

    @classmethod
    def of(cls, certificate: ReleaseCertificate) -> Proof:
        """The proof from the certificate of a manifest; no ledger and no tables count as nothing."""
        tables = met(certificate.get("tables", {}))
        audits = [table["audit"] for table in tables.values()]
        widths = [width for audit in audits if (width := audit["narrowest_interval"]) is not None]
        ledger = certificate.get("ledger", Head(entries=0, head=""))
        return cls(
            tables=len(tables),
            rows=sum(table["cells"] for table in tables.values()),
            hidden=sum(met(certificate.get("hidden", {})).values()),
            small=sum(table["hidden_primary"] for table in tables.values()),
            attacked=sum(audit["groups_audited"] for audit in audits),
            narrowest=min(widths, default=None),
            required=max((int(audit["required_interval"]) for audit in audits), default=0),
            passed=certificate.get("passed", False),
            entries=ledger["entries"],
            head=ledger["head"],
        )
