"""Models as services, on this machine: MLflow's scoring server and ``segment serve`` answer and refuse alike."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from segment.errors import NotReady, RefusedRelease
from segment.governance.pseudonyms import study_pseudonyms
from segment.privacy import EventLog
from segment.retention.scorer import RetentionScorer
from segment.stages.retention.features import known_by_person
from segment.stages.serve import ready_service
from segment.store import read_json
from segment.tracking import service as service_module
from segment.tracking.service import Service, application, listen
from segment.tracking.serving import ServedScorer
from tests.live import model_server, segment_server

if TYPE_CHECKING:
    from conftest import Decided, Walk

SECRET = "geheim"


def ask(address: str, body: object, kind: str = "application/json") -> tuple[int, str]:
    """What comes back: status and text."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/invocations", data=sent, headers={"content-type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as a program would send them: whole numbers, and null where nothing was answered."""
    return [
        {str(name): None if value != value else int(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def logged_model(study: Decided) -> Path:
    """The folder of the newest logged segmentation."""
    made = (study.open().workspace / "mlartifacts").rglob("artifacts/segmentation.joblib")
    return max(made, key=lambda file: file.stat().st_mtime).parent.parent


@pytest.fixture(scope="module", params=["MLflow", "segment serve"])
def service(
    request: pytest.FixtureRequest, decided: Decided, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the champion, as either server answers for it."""
    folder = tmp_path_factory.mktemp("service")
    if request.param == "MLflow":
        with model_server(folder, str(logged_model(decided))) as address:
            yield address
    else:
        settings = [part for override in decided.overrides for part in ("--set", override)]
        with segment_server(folder, str(decided.file), *settings) as address:
            yield address


@pytest.fixture(scope="module")
def asked(decided: Decided) -> pd.DataFrame:
    """The columns that the model takes, of sixty people as their survey wrote them; two in three left a gap."""
    takes = [row["name"] for row in read_json(next(logged_model(decided).rglob("segmentation.json")))["takes"]]
    rows = pd.read_csv(decided.file.parent / "responses_2024-03.csv").head(60)
    return rows[takes]


@pytest.fixture(scope="module")
def assigned(decided: Decided, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What `segment assign` says of the same people."""
    folder = tmp_path_factory.mktemp("assigned")
    pd.read_csv(decided.file.parent / "responses_2024-03.csv", dtype=str).head(60).to_csv(
        folder / "new.csv", index=False
    )
    code, said = decided.type("assign", "--survey", str(folder / "new.csv"), "--out", str(folder / "out.csv"))
    assert code == 0, said
    opened = decided.open()
    codes = study_pseudonyms(opened.config.study, opened.key).persons(pd.read_csv(folder / "new.csv")["person_id"])
    return pd.read_csv(folder / "out.csv").set_index("person").loc[codes].reset_index()


def test_a_service_says_what_assign_says_alone_and_in_a_batch(
    service: str, asked: pd.DataFrame, assigned: pd.DataFrame
) -> None:
    assert asked.isna().any(axis=1).sum() > 5 and asked.filter(regex="^W_|^H_").shape[1] > 10
    people = records(asked)
    status, told = ask(service, {"dataframe_records": people})
    assert status == 200, told
    batch = pd.DataFrame(json.loads(told)["predictions"])
    alone = pd.DataFrame(
        [json.loads(ask(service, {"dataframe_records": [one]})[1])["predictions"][0] for one in people[:20]]
    )
    split = {"columns": list(asked), "data": [list(one.values()) for one in people]}
    assert json.loads(ask(service, {"dataframe_split": split})[1]) == json.loads(told)
    figures = [c for c in assigned if c.startswith("p_")] + ["entropy"]
    for found, own in ((batch, assigned), (alone, assigned.head(20))):
        assert found["segment"].tolist() == own["segment"].tolist()
        assert found["segment_name"].tolist() == own["segment_name"].tolist()
        np.testing.assert_allclose(found[figures].to_numpy(), own[figures].to_numpy(), rtol=0, atol=1e-12)


def test_rankings_and_wishes_are_used(service: str, asked: pd.DataFrame) -> None:
    person = records(asked.dropna().head(1))[0]
    other = person | {name: 7 - value for name, value in person.items() if name.startswith("W_rank6_")}
    one, two = (json.loads(ask(service, {"dataframe_records": [who]})[1])["predictions"][0] for who in (person, other))
    assert one["p_1"] != two["p_1"]


REFUSED: dict[str, tuple[Mapping[str, object], str]] = {
    "off the scale": ({"I_PAY_match": 987654}, "I_PAY_match holds an answer outside its scale"),
    "a word": ({"I_PAY_match": SECRET}, "I_PAY_match holds something that is not a number"),
    "between": ({"I_PAY_match": 2.98765}, "I_PAY_match holds an answer between two points"),
    "a list": ({"I_PAY_match": [SECRET]}, "I_PAY_match holds something that is not a number"),
    "a rank": ({"W_rank6_PAY": 98}, "W_rank6_PAY holds an answer outside its scale"),
}


def refused_in_one_line(status: int, told: str) -> str:
    """The one line of a refusal; no trace, no path, nothing of what was sent."""
    assert status == 400, told
    content = json.loads(told)
    assert set(content) == {"error_code", "message"} and content["error_code"] == "BAD_REQUEST"
    line = str(content["message"])
    assert "\n" not in line and len(line) < 500
    assert not any(word in told for word in (SECRET, "987", "Traceback", "File ", "/tmp", "/src", "site-packages"))
    return line


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_an_answer_gets_one_line(service: str, asked: pd.DataFrame, what: str) -> None:
    changed, told = REFUSED[what]
    assert refused_in_one_line(*ask(service, {"dataframe_records": [records(asked.head(1))[0] | changed]})).startswith(
        told
    )


def test_a_missing_column_is_named(service: str, asked: pd.DataFrame) -> None:
    line = refused_in_one_line(*ask(service, {"dataframe_records": records(asked.head(2).drop(columns="I_PAY_match"))}))
    assert line.startswith("The answers lack questions that are read here; expected: I_PAY_match;")


@pytest.mark.parametrize(
    "body",
    [
        b'{"dataframe_records": [{"I_PAY_match": geheim', b"[]", b"geheim", b'{"dataframe_records": "geheim"}', b"",
        b'{"people": ["geheim"]}', b'{"dataframe_split": {"columns": ["I_PAY_match"], "data": [["geheim", 2]]}}',
        b'{"dataframe_records": []}', b'{"dataframe_records": ["geheim"]}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_request_gets_one_line(service: str, body: bytes) -> None:
    refused_in_one_line(*ask(service, body))


def test_segment_serve_says_whom_it_serves_and_writes_down_how_many_were_answered(
    decided: Decided, asked: pd.DataFrame, tmp_path: Path
) -> None:
    settings = [part for override in decided.overrides for part in ("--set", override)]
    with segment_server(tmp_path, str(decided.file), *settings) as address:
        with urllib.request.urlopen(f"{address}/health", timeout=60) as answer:
            health = json.loads(answer.read())
        assert ask(address, {"dataframe_records": records(asked.head(7))})[0] == 200
        strange = urllib.request.Request(f"{address}/health", headers={"host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(strange, timeout=60)
    assert (health["status"], health["version"], health["decided"]) == ("ok", 1, True)
    assert "version 1 (champion)" in (tmp_path / "log").read_text()
    opened = decided.open()
    events = EventLog(opened.book, key=opened.key).events()[-2:]
    assert [(e.action, e.subject) for e in events] == [("serve", health["model"]), ("served", health["model"])]
    assert (events[0].detail["sha256"], events[1].detail["people"]) == (health["sha256"], 7)


def test_without_governance_nobody_is_served(decided: Decided) -> None:
    without = decided.saying(governance=None)
    with pytest.raises(RefusedRelease, match="this study has no governance"):
        ready_service(without.file, model="segmentation", overrides=list(without.overrides))


def test_a_port_that_is_taken_is_refused() -> None:
    held = listen(0)
    try:
        held.listen()
        with pytest.raises(NotReady, match="That port is taken"):
            listen(int(held.getsockname()[1]))
    finally:
        held.close()


def posted(service: Service, pieces: Iterable[bytes], *headers: tuple[bytes, bytes]) -> tuple[int, str]:
    """What a service answers to a request that comes in pieces: status and text."""
    waiting, sent = iter(pieces), []

    async def receive() -> dict[str, object]:
        piece = next(waiting, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(part: dict[str, Any]) -> None:
        sent.append(part)

    scope = {
        "type": "http", "method": "POST", "path": "/invocations", "raw_path": b"/invocations", "root_path": "",
        "query_string": b"", "headers": [(b"host", b"localhost"), *headers],
    }  # fmt: skip
    asyncio.run(application(service)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"900")]], ids=["in pieces", "by its own word"])
def test_a_request_that_is_too_long_is_read_no_further(
    monkeypatch: pytest.MonkeyPatch, headers: list[tuple[bytes, bytes]]
) -> None:
    monkeypatch.setattr(service_module, "MOST_BYTES", 250)
    pieces = iter([b" " * 100] * 9)
    served = Service(ServedScorer(), {}, still_agreed=lambda: None)
    status, told = posted(served, pieces, (b"content-type", b"application/json"), *headers)
    assert status == 413 and "too long" in told
    assert len(list(pieces)) == (9 if headers else 6)


@pytest.mark.parametrize("kind", [b"text/plain", b"application/x-www-form-urlencoded", b""])
def test_what_a_page_of_another_site_may_send_unasked_is_not_read(kind: bytes) -> None:
    """A form or a script of any page can post text to a port of this machine; JSON it has to ask for first."""
    served, pieces = Service(ServedScorer(), {}, still_agreed=lambda: None), iter([b'{"dataframe_records": []}'])
    status, told = posted(served, pieces, *([(b"content-type", kind)] if kind else []))
    assert status == 415 and "content-type: application/json" in told
    assert served.answered == {"requests": 0, "people": 0} and len(list(pieces)) == 1


def test_the_newest_is_served_where_nobody_has_decided_and_that_is_said(undecided: Decided) -> None:
    code, said = undecided.type("serve", "--model", "retention")
    assert code == 1 and "no version" in said.lower()
    _, service, told = ready_service(undecided.file, model="segmentation", overrides=list(undecided.overrides))
    assert service.about["decided"] is False and "nobody has decided yet" in told


def test_leaving_takes_what_hr_and_the_survey_hold_and_makes_the_rest(walked: Walk) -> None:
    opened = walked.open()
    served = ServedScorer().load(opened.store.model_path("retention"))
    takes = {row["name"]: row for row in read_json(opened.store.model_path("retention").with_suffix(".json"))["takes"]}
    parts = {row["need"] for row in takes.values() if "need" in row}
    assert len(parts) > 5 and {"start_date", "on", "tenure"} <= set(takes)
    people = opened.store.read("people").drop_duplicates("person", keep="last")
    end = pd.Timestamp(opened.outcome.window.end)
    here = people[people["end_date"].isna() & (people["start_date"] <= end)].merge(
        opened.store.read("responses").query("wave == '2024-03'").drop(columns="wave"), on="person"
    )
    given = here[[name for name in takes if name in here]].assign(on=str(end.date()))
    given["start_date"] = here["start_date"].dt.strftime("%Y-%m-%d")
    found = served.predict(None, given)["p_leave"].to_numpy()
    scorer = opened.store.load_model("retention", RetentionScorer)
    own = known_by_person(opened, "2024-03").loc[here["person"]]
    tenure = (end - here["start_date"]).dt.days.to_numpy() / (365.2425 / 12)
    np.testing.assert_allclose(found, scorer.score(own.assign(tenure=tenure))["p_leave"].to_numpy(), rtol=0, atol=1e-12)


def test_an_unknown_level_is_refused_only_when_that_is_asked_for(walked: Walk) -> None:
    served = ServedScorer().load(walked.open().store.model_path("retention"))
    person = served._intake.example().assign(contract=SECRET)  # type: ignore[union-attr]
    assert len(served.predict(None, person)) == 1
    with pytest.raises(Exception, match="not one that the model has learned from by name; where: contract") as refused:
        served.predict(None, person, {"strict": True})
    assert SECRET not in str(refused.value)
