"""Simulated organisations: the raw exports of the demo, and `segment simulate`."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from segment.config import Study, load_study, shipped_settings
from segment.errors import Refusal
from segment.simulation import simulate_organisation, write_organisation
from segment.store import digest_text, read_json, save_json, written_atomically
from segment.vocabulary import World

_RECEIPT = "simulation.json"


def ensure_raw_exports(study: Study) -> bool:
    """Write the raw exports of a study with a ``simulation`` section; True when they were (re)made.

    A receipt beside the exports says which settings they were made with, so that they are made once.
    """
    settings = study.config.simulation
    if settings is None:
        return False
    raw = study.workspace / "raw"
    key = digest_text(settings.model_dump_json())
    receipt = raw / _RECEIPT
    if receipt.is_file() and read_json(receipt).get("key") == key:
        return False
    organisation = simulate_organisation(
        settings.people, seed=settings.seed, world=settings.world, waves=settings.waves
    )
    files = write_organisation(organisation, raw)
    save_json(receipt, {"key": key, "files": [file.name for file in files]})
    return True


def simulate_into(
    directory: Path, *, people: int, seed: int, world: World, waves: int, months_between_waves: int = 12
) -> list[str]:
    """Write an organisation with a known answer and its study; returns what to say about it.

    Raises
    ------
    Refusal
        When the folder holds something else already.
    """
    if directory.exists() and not directory.is_dir():
        raise Refusal(
            "The organisation cannot be written there.", expected="a folder", came="a file", where=str(directory)
        )
    organisation = simulate_organisation(
        people, seed=seed, world=world, waves=waves, months_between_waves=months_between_waves
    )
    study = directory / "study.yaml"
    write_organisation(organisation, directory)
    with written_atomically(study) as temporary:
        temporary.write_text(_study_text(directory.name, organisation.waves, seed), encoding="utf-8")
    loaded = load_study(study)
    rows = sum(len(wave) for wave in organisation.responses.values())
    each = organisation.people.drop_duplicates("person_id")
    employees = int((each["relation"] == "employee").sum())
    return [
        f"{len(each)} people, {rows} answers in {len(organisation.responses)} waves, world '{world}', seed {seed}",
        f"who:    {people} employees when the five years begin, {employees - people} hired since, "
        f"{len(each) - employees} candidates, contractors and alumni",
        f"study:  {study}",
        f"truth:  {directory / 'truth.parquet'} (segment, needs and hazards of everyone)",
        f"run it: segment run {study}   (results in {loaded.workspace})",
    ]


def _study_text(name: str, waves: tuple[str, ...], seed: int) -> str:
    """The demo's study with its own exports in the folder instead of a simulation section."""
    yaml = YAML()
    yaml.width = 110
    demo = load_demo_settings(yaml)
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in name.lower()).strip("-_") or "simulated"
    demo["study"] = safe
    demo["random_state"] = seed
    del demo["simulation"]
    del demo["retention"]["value"]  # amounts are stated by whoever the study is of
    demo["sources"]["responses"] = [{"file": f"responses_{wave}.csv", "date": _last_day(wave)} for wave in waves]
    text = StringIO()
    yaml.dump(demo, text)
    body = text.getvalue()
    start = body.index("study:")
    return (
        "# A simulated organisation: the raw exports lie beside this file, the truth in truth.parquet.\n" + body[start:]
    )


def load_demo_settings(yaml: YAML) -> CommentedMap:
    """The shipped demo study as a YAML document that keeps its comments."""
    return yaml.load(shipped_settings() / "studies" / "demo.yaml")


def _last_day(wave: str) -> dt.date:
    """The last day of a wave's month (waves are called year-month)."""
    import pandas as pd

    return (pd.Period(wave, freq="M").end_time).date()
