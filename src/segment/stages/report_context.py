"""The story of a study for the files of HR: names, numbers of people, and the notes that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from segment.disclosure.certificates import ReleaseCertificate
from segment.disclosure.release import ReleasedTable
from segment.displays.labels import rows_of
from segment.exports.story import Story
from segment.locale import STANDS_IN, day_told, in_every_language, languages, say
from segment.personalisation import read_catalogue
from segment.personalisation.remembered import Remembered, read_remembered
from segment.segments.names import Names, called, names_in, released_names
from segment.stages.base import OpenStudy
from segment.stages.begun import begun_on
from segment.stages.causes import causes_in
from segment.stages.codebooks import codebook_of
from segment.stages.counts import Population, knows_everyone, population_of
from segment.stages.observation_window import leavers_gone
from segment.stages.release.ledgers import ledger_of
from segment.stages.retention.limitations import answers_set_aside, every_finding, unforeseen_notes
from segment.stages.segmentation.basis import answered_in, telling_kinds, wishes_of
from segment.stages.segmentation.basis_check import rated_instead
from segment.stages.survey_weights import weighing_of
from segment.stages.waves import model_wave
from segment.store import read_json
from segment.tables.codebook import Codebook, Item
from segment.tables.registry import met
from segment.vocabulary import DataKind, ItemKind, OutcomeKind

Notes = tuple[tuple[str, Mapping[str, object]], ...]

_KNOWN_DECISIONS = {"too_few": "too few", "none": "none", "too_alike": "none", "not_accepted": "none"}


def tell(
    opened: OpenStudy, released: Mapping[str, ReleasedTable], *, wave: str, people: Population | None = None
) -> Story:
    """Everything the files for HR may say about one wave; ``people``: how many were asked and answered, as released."""
    config, codebook, governance = opened.config, codebook_of(opened), opened.config.governance
    status = _status(opened)
    names = names_in(rows_of(released["segment_names"])) if "segment_names" in released else {}
    story = Story(
        study=config.study,
        wave=wave,
        title=in_every_language(config.title.text),
        study_digest=opened.digest,
        data_kind=str(config.data),
        status=status,
        segment_names=names if status == "segments" else {},
        offer_names=_offer_names(opened),
        feature_names=attribute_names(opened),
        group_names=value_names(opened),
        asked_on=_asked_on(opened),
        released=met(released),
        weighing=weighing_of(opened),
        notes=_notes(opened, names),
        renamed=_renamed(opened, names),
        divided=opened.store.read("divisions") if opened.store.has("divisions") else None,
        tried=opened.store.read("candidates") if opened.store.has("candidates") else None,
        findings=every_finding(opened, released),
        certificate=_certificate(released),
        governance=_governance(opened),
        translations=governance.translations if governance is not None else {},
        languages=tuple(str(language) for language in config.languages),
    )
    story = _with_leaving(_with_people(story, opened, people or population_of(opened, wave)), opened)
    return story if codebook is None else _with_questions(story, opened, codebook)


def _with_people(story: Story, opened: OpenStudy, people: Population) -> Story:
    """How many people there are, were asked and answered, and on which day they were counted."""
    return replace(
        story,
        n_people=people.scope,
        n_respondents=people.asked if people.apart else people.answered,
        n_answered=people.answered,
        outside=people.told if people.apart else {},
        counted_apart=people.apart,
        employed=people.employed,
        counted_on=people.counted_on.isoformat() if people.counted_on and people.answered else "",
        employed_on=people.day.isoformat() if people.day else "",
        response_rate=people.rate if opened.config.codebook and knows_everyone(opened) else None,
    )


def _with_leaving(story: Story, opened: OpenStudy) -> Story:
    """What leaving means in this study, over which time, and until when it was watched."""
    story = replace(story, hires_by=opened.config.retention.first_year_by)
    outcome = opened.config.outcome if opened.store.has("spells") else None
    if outcome is None:
        return story
    return replace(
        story,
        outcome_kind=str(outcome.kind),
        meaning=outcome.meaning,
        entries_known=outcome.kind != OutcomeKind.DURATION or outcome.entry is not None,
        horizon_months=outcome.months,
        watched_until=outcome.window.end.isoformat() if outcome.window is not None else "",
        causes=causes_in(opened),
    )


def _with_questions(story: Story, opened: OpenStudy, codebook: Codebook) -> Story:
    """What was asked, by its names, and what can be done about it."""
    catalogue = read_catalogue(opened.study.config_path(opened.config.actions.catalogue))
    asked = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)
    return replace(
        story,
        basis=_basis(opened, codebook),
        needs_rated_otherwise=_rated_otherwise(opened, codebook, story.status),
        need_names={need: in_every_language(partial(codebook.need_name, need)) for need in codebook.needs},
        moment_names={item.code: in_every_language(item.text) for item in codebook.of_kind(ItemKind.MOMENT)},
        feature_names={**question_names(codebook), **story.feature_names},
        actions=catalogue.texts(),
        begun=begun_on(opened),
        without_action=frozenset(catalogue.without_actions(codebook.needs, "segment", "both")),
        both_asked=story.n_answered > 0 and all(codebook.of_kind(kind) for kind in asked),
        remembered=_remembered(opened),
    )


def _remembered(opened: OpenStudy) -> Remembered:
    """The reviewed list of names that people remember; none where there is no such file."""
    file = opened.study.config_path(opened.config.actions.names)
    return read_remembered(file) if file.is_file() else {}


def _renamed(opened: OpenStudy, names: Mapping[int, Mapping[str, str]]) -> frozenset[int]:
    """The segments whose name HR gave."""
    given = {text for one in opened.given_names for text in one.names.values()}
    return frozenset(number for number, told in names.items() if given & set(told.values()))


def _basis(opened: OpenStudy, codebook: Codebook) -> tuple[str, ...]:
    """The kinds of questions that segments are made of, of those that the study names."""
    if not opened.store.has("responses"):
        return ()
    asked = _asked(opened)
    return tuple(telling_kinds(codebook, opened.config.segmentation.basis, asked, wishes_of(opened)))


def _rated_otherwise(opened: OpenStudy, codebook: Codebook, status: str) -> bool:
    """Whether needs were rated, but by no kind of question that the study makes segments of."""
    if status != "no survey" or not opened.store.has("responses"):
        return False
    return not _basis(opened, codebook) and bool(rated_instead(codebook, _asked(opened)))


def _asked(opened: OpenStudy) -> pd.Index:
    """What was asked in the wave that segments are made on."""
    responses = opened.store.read("responses")
    return answered_in(responses, model_wave(opened, responses))


def _status(opened: OpenStudy) -> str:
    if not opened.store.has("responses") or not opened.store.has("assignments"):
        return "no survey"
    if opened.store.has("stability"):
        return "segments"
    card = read_json(opened.store.model_path("segmentation").with_suffix(".json"))
    return _KNOWN_DECISIONS.get(str(card.get("decision_code")), "none")


def _offer_names(opened: OpenStudy) -> dict[str, dict[str, str]]:
    """What open roles are called, in the languages in which their list says so."""
    if not opened.store.has("offers"):
        return {}
    rows = opened.store.read("offers").to_dict("records")
    told = {str(row["offer"]): {language: row.get(language) for language in languages()} for row in rows}
    return {
        offer: {language: text for language, text in texts.items() if isinstance(text, str) and text}
        for offer, texts in told.items()
    }


def question_names(codebook: Codebook) -> dict[str, dict[str, str]]:
    """Items by their wording.

    A reversed question about a need was turned round when it was read, whether its words or only its codes ask for the
    opposite: what its figures are more of is said behind its words.
    """

    def named(item: Item, language: str) -> str:
        if not (item.reverse and item.need):
            return item.text(language)
        need = codebook.need_name(item.need, language)
        return say("report.question.turned", language, question=item.text(language), need=need)

    return {item.code: in_every_language(partial(named, item)) for item in codebook.items}


def attribute_names(opened: OpenStudy) -> dict[str, dict[str, str]]:
    """What the study says that readers call its attributes; the others keep their name, or a usual one's."""
    people = opened.config.sources.people
    told = {} if people is None else {code: one.name for code, one in people.attributes.items()}
    return {code: in_every_language(name.text) for code, name in told.items() if name is not None}


def value_names(opened: OpenStudy) -> dict[str, dict[str, str]]:
    """What the study says that readers call the values of its attributes: 'female' is 'vrouw' in Dutch."""
    people = opened.config.sources.people
    return {} if people is None else people.value_names


def _asked_on(opened: OpenStudy) -> dict[str, tuple[str, float, float]]:
    """The kind and the scale of every question with more than two answers that is one figure of its own."""
    codebook = codebook_of(opened)
    apart = (ItemKind.RANK, ItemKind.WISH, ItemKind.MOMENT_PICK)
    return {
        item.code: (str(item.kind), item.low, item.high)
        for item in (codebook.items if codebook else ())
        if item.scale != "open" and not item.is_yes_no and item.kind not in apart
    }


def _notes(opened: OpenStudy, names: Mapping[int, Mapping[str, str]]) -> Notes:
    notes: list[tuple[str, Mapping[str, object]]] = []
    if opened.config.data == DataKind.SIMULATED:
        notes.append(("publish.note.simulated", {}))
    if opened.store.has("verdict"):
        row = opened.store.read("verdict").iloc[0]
        if row["code"] != "VE000":
            notes.append((f"finding.{row['code']}", {"subject": str(row["attribute"])}))
    notes += _identity_notes(opened, names)
    outcome, gone = opened.config.outcome, leavers_gone(opened.study)
    if outcome is not None and outcome.window is not None and outcome.window.start == gone:
        notes.append(("publish.note.window", {"day": in_every_language(partial(day_told, str(gone)))}))
    if outcome is not None and outcome.kind == OutcomeKind.HORIZON and outcome.meaning == "intention":
        notes.append(("publish.note.one_moment", {}))
    return (*notes, *answers_set_aside(opened), *unforeseen_notes(opened))


def _identity_notes(opened: OpenStudy, names: Mapping[int, Mapping[str, str]]) -> Notes:
    """Which segments of the decided model are here again, by their released names; a note per kind that occurs.

    What is gone is called by the name that it was published under; one that was hidden then has its number.
    """
    rows = opened.store.read_or_empty("identity")
    gone = _published_before(opened) if "gone" in set(rows["status"] if len(rows) else ()) else {}
    found: list[tuple[str, Mapping[str, object]]] = []
    for status in ("kept", "new", "gone"):
        own = rows[rows["status"] == status]
        if not len(own):
            continue
        told = {
            lang: [called(gone, k, lang) for k in own["earlier"]]
            if status == "gone"
            else [called(names, k, lang) for k in own["segment"]]
            for lang in languages()
        }
        words = {lang: "; ".join(of_lang) for lang, of_lang in told.items()}
        found.append((f"publish.note.identity.{status}", {"names": words}))
    return tuple(found)


def _published_before(opened: OpenStudy) -> Names:
    """What the decided model calls its segments, as far as some release showed that name."""
    ledger = ledger_of(opened)
    told = released_names(*(pd.DataFrame(ledger.rows(table)) for table in ("segment_names", "segments")))
    shown = set(told.loc[told["language"] == STANDS_IN, "called"])
    names = names_in(opened.store.read_or_empty("earlier_names"), of="earlier")
    return {number: own for number, own in names.items() if own.get(STANDS_IN) in shown}


def _certificate(released: Mapping[str, ReleasedTable]) -> ReleaseCertificate:
    """The certificates of all tables together: the rules, and how many groups were hidden in each."""
    return {
        "tables": {name: table.certificate for name, table in sorted(released.items())},
        "hidden": {name: table.hidden for name, table in sorted(released.items())},
        "passed": all(table.certificate["audit"]["passed"] for table in released.values()),
    }


def _governance(opened: OpenStudy) -> dict[str, str] | None:
    settings = opened.config.governance
    own = settings.model_dump(exclude={"translations"}) if settings is not None else {}
    return {name: str(value) for name, value in own.items()} or None
