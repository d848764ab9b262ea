"""The registry of models: challengers come in with every run, a reviewer makes one the champion."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from segment.errors import NotReady, Refusal
from segment.governance.decisions import refuse_nobody
from segment.store import digest_file, read_json
from segment.tracking.cards import card_text, fitted
from segment.tracking.mlflow_log import Tracker
from segment.tracking.serving import log_scorer

#: The models of a study that a reviewer decides on.
MODELS = ("segmentation", "retention")
CHAMPION, CHALLENGER = "champion", "challenger"
#: How tags of decisions begin; what follows counts them.
DECISION = "decision."


@dataclass(frozen=True)
class Version:
    """One registered version of a model."""

    name: str
    number: int
    run_id: str
    sha256: str


@dataclass(frozen=True)
class Held:
    """What a registry says about decisions on one model: the champion, the numbers of its versions, and every tag of a
    decision (version, name, text)."""

    champion: Version | None
    versions: frozenset[int]
    decisions: frozenset[tuple[int, str, str]]


def registered_name(study: str, model: str) -> str:
    """The name in the registry: ``<study>-<model>``."""
    return f"{study}-{model}"


def register_challenger(
    tracker: Tracker, *, study: str, model: str, file: Path, run_id: str, said: str = ""
) -> Version:
    """Log a model of the store to a run and register it as the challenger; what is registered stays one version.

    Parameters
    ----------
    file
        The model's joblib file; its JSON card lies beside it and goes along.
    said
        What came of it, in a line: the version's description begins with that.
    """
    client = tracker.client()
    name, digest = registered_name(study, model), digest_file(file)
    same = _with_bytes(client, name, digest)
    version = same[0] if same is not None else _create(client, name, model=model, file=file, run_id=run_id, said=said)
    if same is not None and same[1]:
        return version
    client.set_registered_model_alias(name, CHALLENGER, str(version.number))
    return version


def _create(client: MlflowClient, name: str, *, model: str, file: Path, run_id: str, said: str) -> Version:
    """A new version of a model, logged to a run."""
    uri, model_id = log_scorer(run_id, model=model, file=file)
    client.update_run(run_id, status="RUNNING")  # logging a model ends its run, which may have more to tell
    try:
        client.create_registered_model(name)
    except MlflowException as failure:
        if failure.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    digest = digest_file(file)
    about = fitted(card_text(read_json(file.with_suffix(".json")), said=said))
    # A server takes a version whose source is a logged model only when it is told which one (the local store does not).
    version = client.create_model_version(
        name, uri, run_id=run_id, tags={"sha256": digest}, description=about, model_id=model_id
    )
    return Version(name, int(version.version), run_id, digest)


def _with_bytes(client: MlflowClient, name: str, digest: str) -> tuple[Version, bool] | None:
    """The newest version that has these bytes, and whether it stands: the challenger, or the champion that it is."""
    known = _versions(client, name)
    same = [number for number, version in known.items() if version.sha256 == digest]
    if not same:
        return None
    aliases = client.get_registered_model(name).aliases
    standing = {str(aliases.get(alias)) for alias in (CHALLENGER, CHAMPION)}
    return known[max(same)], str(max(same)) in standing


def is_registered(tracker: Tracker, *, study: str, model: str, file: Path) -> bool:
    """Whether a version has a model's very bytes and is the challenger, or the champion."""
    same = _with_bytes(tracker.client(), registered_name(study, model), digest_file(file))
    return same is not None and same[1]


def promote(
    tracker: Tracker, *, study: str, model: str, version: int, by: str, reason: str,
    number: int | None = None, kind: str = "promotion", comparison: str = "",
) -> Version:  # fmt: skip
    """Make one version the champion; who decided and why is kept in a tag of its own, never overwritten.

    Parameters
    ----------
    number
        Which decision on this model it is, from 1; the next one that the registry knows when left out.
    kind
        ``promotion`` or ``rollback``.
    comparison
        The id of the comparison that the reviewer saw; empty where there was none.

    Raises
    ------
    Refusal
        Unknown model or version, or nobody's name or no reason given.
    """
    refuse_nobody("A promotion", by=by, reason=reason)
    chosen, client = version_of(tracker, study=study, model=model, number=version), tracker.client()
    known = held(tracker, study=study, model=model).decisions
    number = len({tag for _, tag, _ in known}) + 1 if number is None else number
    tag, text = decision_tag(number, kind=kind, by=by, reason=reason, sha256=chosen.sha256, comparison=comparison)
    if (version, tag) not in {(one, name) for one, name, _ in known}:
        client.set_model_version_tag(chosen.name, str(version), tag, text)
    client.set_registered_model_alias(chosen.name, CHAMPION, str(version))
    return chosen


def decision_tag(number: int, *, kind: str, by: str, reason: str, sha256: str, comparison: str = "") -> tuple[str, str]:
    """Name and text of a decision's tag on its version.

    >>> decision_tag(1, kind="promotion", by="B", reason="clearer", sha256="0" * 64, comparison="c12")[1]
    'promotion by B: clearer (sha256 0000000000000000, comparison c12)'
    >>> decision_tag(2, kind="rollback", by="A. Reviewer", reason="unstable", sha256="0" * 64)
    ('decision.0002', 'rollback by A. Reviewer: unstable (sha256 0000000000000000)')
    """
    told = " ".join(f"{kind} by {by}: {reason}".split())
    saw = f", comparison {comparison}" if comparison else ""
    return f"{DECISION}{number:04d}", f"{told} (sha256 {sha256[:16]}{saw})"


def held(tracker: Tracker, *, study: str, model: str) -> Held:
    """What the registry says about decisions on one model, whoever wrote it there."""
    client, name = tracker.client(), registered_name(study, model)
    known = _versions(client, name)
    if not known:
        return Held(None, frozenset(), frozenset())
    alias = client.get_registered_model(name).aliases.get(CHAMPION)
    tags = {
        (int(one.version), str(tag), str(text))
        for one in client.search_model_versions(f"name='{name}'")
        for tag, text in one.tags.items()
        if str(tag).startswith(DECISION)
    }
    return Held(known.get(int(alias)) if alias is not None else None, frozenset(known), frozenset(tags))


def version_of(tracker: Tracker, *, study: str, model: str, number: int) -> Version:
    """A registered version by its number.

    Raises
    ------
    Refusal
        Unknown model.
    NotReady
        No such version.
    """
    if model not in MODELS:
        raise Refusal(f"'{model}' is not a model a reviewer decides on.", expected=" or ".join(MODELS))
    name = registered_name(study, model)
    known = _versions(tracker.client(), name)
    if number not in known:
        raise NotReady(
            f"There is no version {number} of {name}.",
            expected=f"one of {', '.join(map(str, sorted(known)))}" if known else "a registered version",
            advice="run the study first; its versions stand under 'Models' in the MLflow UI",
        )
    return known[number]


def aliased(tracker: Tracker, *, study: str, alias: str) -> dict[str, Version]:
    """The versions of a study that bear an alias, by model; models that have none are left out."""
    client, found = tracker.client(), dict[str, Version]()
    for model in MODELS:
        name = registered_name(study, model)
        known = _versions(client, name)
        number = client.get_registered_model(name).aliases.get(alias) if known else None
        if number is not None and int(number) in known:
            found[model] = known[int(number)]
    return found


def with_bytes(tracker: Tracker, *, study: str, model: str, file: Path) -> Version | None:
    """The newest version that has a model's very bytes; None if none has."""
    same = _with_bytes(tracker.client(), registered_name(study, model), digest_file(file))
    return same[0] if same is not None else None


def champion(tracker: Tracker, *, study: str, model: str) -> Version:
    """The champion version of a model.

    Raises
    ------
    NotReady
        When nobody has made a champion yet.
    """
    client = tracker.client()
    name = registered_name(study, model)
    try:
        found = client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException as failure:
        if failure.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        known = _versions(client, name)
        newest = f" (newest: {max(known)})" if known else ""
        raise NotReady(
            f"There is no champion {model} model of study '{study}' yet.",
            advice=f"decide with: segment promote STUDY --model {model} --version N --by NAME --reason TEXT{newest}",
        ) from None
    return Version(name, int(found.version), str(found.run_id), str(found.tags.get("sha256", "")))


def decided_or_newest(tracker: Tracker, *, study: str, model: str) -> tuple[Version, bool]:
    """The champion of a model, or its newest version where nobody has decided yet; and which of the two it is.

    Raises
    ------
    NotReady
        No version at all.
    """
    client, name = tracker.client(), registered_name(study, model)
    known = _versions(client, name)
    if not known:
        raise NotReady(
            f"There is no version of a {model} model of study '{study}' yet.",
            advice="run the study first, with tracking.register_models",
        )
    if CHAMPION not in client.get_registered_model(name).aliases:
        return known[max(known)], False
    return champion(tracker, study=study, model=model), True


def download(tracker: Tracker, version: Version, directory: Path) -> Path:
    """The joblib file of a version (card beside it), checked against the digest the registry holds.

    Raises
    ------
    Refusal
        When the bytes are not the ones that were registered.
    """
    import mlflow

    client = tracker.client()
    source = client.get_model_version_download_uri(version.name, str(version.number))
    with tempfile.TemporaryDirectory() as scratch:
        fetched = Path(mlflow.artifacts.download_artifacts(artifact_uri=source, dst_path=scratch))
        files = sorted(fetched.rglob("*.joblib"))
        card = files[0].with_suffix(".json") if files else None
        if not files or card is None or not card.is_file():
            raise NotReady(
                f"Version {version.number} of {version.name} holds no model file.", advice="run the study again"
            )
        digest = digest_file(files[0])
        if digest != version.sha256 or read_json(card).get("sha256") != digest:
            raise Refusal(
                f"Version {version.number} of {version.name} was not loaded: its bytes are not the registered ones.",
                advice="restore the artifact store, or run the study again and promote the new version",
            )
        directory.mkdir(parents=True, exist_ok=True)
        for file in (files[0], card):
            (directory / file.name).write_bytes(file.read_bytes())
    return directory / files[0].name


def _versions(client: MlflowClient, name: str) -> dict[int, Version]:
    found = client.search_model_versions(f"name='{name}'")
    return {int(v.version): Version(name, int(v.version), str(v.run_id), str(v.tags.get("sha256", ""))) for v in found}
