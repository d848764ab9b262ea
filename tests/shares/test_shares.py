"""Files of a share: the same table as the local file, and one sentence for what goes wrong, with no secret in it."""

from __future__ import annotations

import hashlib
import io
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from ruamel.yaml import YAML
from servers_of_files import Answer, certificate_of, http_server, s3_server
from typer.testing import CliRunner

from segment.cli import app
from segment.config import load_study
from segment.errors import InvalidStudy
from segment.ingest import read_inputs
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits
from segment.ingest.readers import read_raw
from segment.ingest.shares import variable_of
from segment.onboarding import begin_study
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.base import source_digests
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

SECRET = "s3cr3tOfNobody"
TABLE = b"person_id;hours\n007;36,5\n008;24,0\n"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def libraries() -> Iterator[dict[str, Any]]:
    """The libraries of shares that are loaded, forgotten for a while."""
    loaded: dict[str, Any] = vars(sys.modules["fsspec.registry"])["_registry"]
    kept = dict(loaded)
    loaded.clear()
    yield loaded
    loaded.clear()
    loaded.update(kept)


@pytest.fixture
def share(s3: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty bucket of the local server, and an environment in which it is found."""
    known(monkeypatch, s3)
    system = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    if system.exists("hrdata"):
        system.rm("hrdata", recursive=True)
    system.mkdir("hrdata")
    return system


def known(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    told = {
        "AWS_ACCESS_KEY_ID": "AKIAOFNOBODY", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(name, value)


def said(address: str, caplog: pytest.LogCaptureFixture, limits: Limits | None = None) -> dict[str, Any]:
    """The one finding about a file that is not read."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    found = Findings()
    assert read_raw(Path(address), found, limits=limits) is None
    (told,) = found.table().to_dict("records")
    assert SECRET not in str(told) + caplog.text and "Traceback" not in caplog.text
    assert told["advice"] and "\n" not in told["advice"]
    return told


def written(kind: str) -> bytes:
    days = pd.to_datetime(["2024-03-01"] * 2)
    frame = pd.DataFrame({"person_id": ["007", "008"], "hours": [36.5, 24.0], "day": days})
    held = io.BytesIO()
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    (frame.to_excel(held, index=False) if kind == "xlsx" else frame.to_parquet(held))
    return held.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_file_of_s3_is_the_local_file_to_the_byte(
    kind: str, share: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"people 2025.{kind}").write_bytes(written(kind))
    share.pipe(f"hrdata/own/people 2025.{kind}", written(kind))
    found = Findings()
    here = read_raw(tmp_path / f"people 2025.{kind}", found)
    there = read_raw(Path(f"s3://hrdata/own/people 2025.{kind}"), found)
    assert here is not None and there is not None and not found.items
    pd.testing.assert_frame_equal(here.frame, there.frame)
    assert here.file == there.file and (here.rows == there.rows).all()
    assert not list(tmp_path.glob("segment-*"))


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "org"
    simulate_into(folder, people=150, seed=4, world=World.NEEDS, waves=1)
    return folder


def on_the_share(organisation: Path, share: Any, folder: Path) -> tuple[Path, Path]:
    """The study with its files here, and the same study with them on the share."""
    told = YAML(typ="safe").load(organisation / "study.yaml")
    studies = []
    for where in (f"{organisation}/", "s3://hrdata/"):
        for source in (told["sources"]["people"], *told["sources"]["responses"]):
            name = Path(source["file"]).name
            source["file"] = f"{where}{name}"
            share.pipe(f"hrdata/{name}", (organisation / name).read_bytes())
        told["sources"] = {name: told["sources"][name] for name in ("people", "responses")}
        told["workspace"] = str(folder / "work")
        file = folder / f"{'there' if where.startswith('s3') else 'here'}.yaml"
        with file.open("w", encoding="utf-8") as handle:
            YAML(typ="safe").dump(told, handle)
        studies.append(file)
    return studies[0], studies[1]


def test_a_study_of_a_share_is_that_of_the_files_and_runs_again_when_one_changes(
    organisation: Path, share: Any, tmp_path: Path
) -> None:
    here, there = on_the_share(organisation, share, tmp_path)
    first, second = (read_inputs(load_study(file), key=bytes(range(32))) for file in (here, there))
    assert first.tables.keys() == second.tables.keys()
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])
    assert source_digests(load_study(here)) == source_digests(load_study(there))
    prepare = STAGES_IN_ORDER["prepare"]
    assert not run_stage(prepare, open_study(there)).skipped
    assert run_stage(prepare, open_study(there)).skipped
    name = next(organisation.glob("responses_*.csv")).name
    lines = (organisation / name).read_text(encoding="utf-8").splitlines(keepends=True)
    share.pipe(f"hrdata/{name}", "".join(lines[:-1]).encode())
    assert not run_stage(prepare, open_study(there)).skipped


def test_init_reads_a_share_and_writes_its_address(share: Any, tmp_path: Path) -> None:
    words = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    asked = ["I like my work", "My team helps me", "My pay is fair", "I can grow here"]
    table = pd.DataFrame({name: [words[(n + place) % 5] for n in range(60)] for place, name in enumerate(asked)})
    share.pipe("hrdata/answers 2025-03.csv", table.to_csv(index=False, sep=";").encode("utf-8"))
    begin_study(tmp_path / "new", surveys=[Path("s3://hrdata/answers 2025-03.csv")], people=[])
    told = YAML(typ="safe").load(tmp_path / "new" / "study.yaml")
    assert told["sources"]["responses"][0]["file"] == "s3://hrdata/answers 2025-03.csv"
    assert told["sources"]["responses"][0]["delimiter"] == ";"
    inputs = read_inputs(load_study(tmp_path / "new" / "study.yaml"), key=bytes(range(32)))
    assert len(inputs.tables["responses"]) == 60


def test_what_is_not_there_and_what_is_no_file(share: Any, caplog: pytest.LogCaptureFixture) -> None:
    share.pipe("hrdata/lists/2024.parquet", b"x")
    assert said("s3://hrdata/none.csv", caplog)["code"] == "DQ001"
    assert said("s3://nosuchbucket/none.csv", caplog)["code"] == "DQ001"
    told = said("s3://hrdata/lists", caplog)
    assert told["code"] == "DQ002" and "a folder" in told["explanation"]
    share.pipe("hrdata/large.csv", b"a\n" * 600_000)
    assert said("s3://hrdata/large.csv", caplog, Limits(max_megabytes=1))["code"] == "DQ080"


def error(code: str, status: int) -> Any:
    """A service of S3 that answers every question with one fault, and a first question without its reason."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
    return lambda method, path, headers: Answer(status, body, {"Content-Type": "application/xml"})


@pytest.mark.parametrize(
    ("code", "status", "came", "advice"),
    [
        ("ExpiredToken", 400, "no longer valid", "renew"), ("AccessDenied", 403, "refuses access", "AWS_ACCESS_KEY_ID"),
        ("InvalidAccessKeyId", 403, "refuses access", "AWS_PROFILE"), ("NotImplemented", 501, "status 501", "later"),
    ],
)  # fmt: skip
def test_keys_that_are_not_right_end_in_a_sentence(
    code: str, status: int, came: str, advice: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with http_server(error(code, status)) as server:
        known(monkeypatch, f"http://{server}")
        told = said("s3://hrdata/people.csv", caplog)
    assert came in told["explanation"] and advice in told["advice"], told


def test_no_key_no_answer_and_no_library(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, libraries: dict[str, Any], tmp_path: Path
) -> None:
    known(monkeypatch, "http://127.0.0.1:9")
    assert "does not answer" in said("s3://hrdata/people.csv", caplog)["explanation"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    assert "no key" in said("s3://hrdata/people.csv", caplog)["explanation"]
    libraries.clear()
    for kind, library, extra in (("s3", "s3fs", "s3"), ("abfss", "adlfs", "azure"), ("https", "aiohttp", "https")):
        monkeypatch.setitem(sys.modules, library, None)
        monkeypatch.delitem(sys.modules, "fsspec.implementations.http", raising=False)
        server = "files@account.dfs.core.windows.net" if kind == "abfss" else "hrdata"
        told = said(f"{kind}://{server}/people.csv", caplog)
        assert "no library" in told["explanation"] and f"[{extra}]" in told["advice"]


@pytest.mark.parametrize("fault", ["another version", "half of it"])
def test_an_object_that_is_being_written_is_not_read(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def answer(method: str, path: str, headers: dict[str, str]) -> Answer:
        asked.append(method)
        mark = f'"{len(asked)}"' if fault == "another version" else '"1"'
        told = {"ETag": mark, "Last-Modified": "Mon, 03 Mar 2025 10:00:00 GMT"}
        if method == "GET" and fault == "half of it":
            return Answer(206, TABLE[:9], told, short_by=len(TABLE) - 9)
        return Answer(206 if method == "GET" else 200, TABLE, told)

    with http_server(answer) as server:
        known(monkeypatch, f"http://{server}")
        assert said("s3://hrdata/people.csv", caplog)["code"] == "DQ005"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_of(tmp_path_factory.mktemp("tls"))


def test_a_file_over_https_with_the_key_of_its_server_alone(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    seen: list[tuple[str, str | None]] = []

    def other(method: str, path: str, headers: dict[str, str]) -> Answer:
        seen.append((path, headers.get("authorization")))
        return Answer(body=TABLE)

    def answer(method: str, path: str, headers: dict[str, str]) -> Answer:
        seen.append((path, headers.get("authorization")))
        if path == "/moved.csv":
            return Answer(302, headers={"Location": f"https://{elsewhere}/moved.csv"})
        if path == "/plain.csv":
            return Answer(302, headers={"Location": f"http://{plain}/plain.csv"})
        if path == "/sign-in.csv":
            return Answer(body=b"<!DOCTYPE html><html>Sign in</html>")
        if path == "/half.csv":
            return Answer(body=TABLE, short_by=100)
        if headers.get("authorization") != f"Bearer {SECRET}":
            return Answer(401)
        return Answer(body=TABLE) if path == "/own%20people.csv" else Answer(404)

    with (
        http_server(answer, certificate=certificate) as server,
        http_server(other, certificate=certificate) as elsewhere,
        http_server(other) as plain,
    ):  # fmt: skip
        assert "certificate" in said(f"https://{server}/own people.csv", caplog)["explanation"]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        told = said(f"https://{server}/own people.csv", caplog)
        assert "refuses access" in told["explanation"] and variable_of(server) in told["advice"]
        monkeypatch.setenv(variable_of(server), SECRET)
        (tmp_path / "own people.csv").write_bytes(TABLE)
        tables = [
            read_raw(path, Findings(), delimiter=";")
            for path in (tmp_path / "own people.csv", Path(f"https://{server}/own people.csv"))
        ]
        assert tables[0] is not None and tables[1] is not None
        pd.testing.assert_frame_equal(tables[0].frame, tables[1].frame)
        assert said(f"https://{server}/none.csv", caplog)["code"] == "DQ001"
        assert said(f"https://{server}/half.csv", caplog)["code"] == "DQ005"
        assert "web page" in said(f"https://{server}/sign-in.csv", caplog)["explanation"]
        assert "not encrypted" in said(f"https://{server}/plain.csv", caplog)["explanation"]
        seen.clear()
        assert read_raw(Path(f"https://{server}/moved.csv"), Findings(), delimiter=";") is not None
        assert {who for path, who in seen[1:] if path == "/moved.csv"} == {f"Bearer {SECRET}", None}
    told = said(f"https://{server}/gone.csv", caplog)
    assert "does not answer" in told["explanation"]


def test_a_container_of_azure_is_asked_with_an_identity(
    caplog: pytest.LogCaptureFixture, libraries: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    class Container(MemoryFileSystem):
        protocol, store = "abfss", {}

        def __init__(self, **options: Any) -> None:
            super().__init__()
            asked.append(options)

        def info(self, path: str, **more: Any) -> dict[str, Any]:
            if "denied" in path:
                raise type("ClientAuthenticationError", (ValueError,), {})(SECRET)
            return super().info(path, **more)

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return str(super()._strip_protocol(path.removeprefix("abfss://").partition("/")[2]))

    libraries["abfss"] = Container
    monkeypatch.setattr("segment.ingest.shares.getproxies", lambda: {"https": "http://127.0.0.1:9"})
    Container().pipe("/2025/people.csv", TABLE)
    address = "abfss://files@account.dfs.core.windows.net"
    table = read_raw(Path(f"{address}/2025/people.csv"), Findings(), delimiter=";")
    assert table is not None and table.frame["hours"].tolist() == ["36,5", "24,0"] and asked[-1]["anon"] is False
    assert said(f"{address}/2025/none.csv", caplog)["code"] == "DQ001"
    told = said(f"{address}/2025/denied.csv", caplog)
    assert "no key" in told["explanation"] and "az login" in told["advice"]


@pytest.mark.parametrize(
    "address",
    [
        f"https://server/people.csv?sig={SECRET}", f"https://me:{SECRET}@server/people.csv", f"https://{SECRET}@server/p.csv",
        f"s3://AKIA:{SECRET}@hrdata/people.csv", f"abfss://files:{SECRET}@account.dfs.core.windows.net/people.csv",
        f"https://server/people.csv#{SECRET}", f"ftp://{SECRET}@server/people.csv", f"http://server/{SECRET}.csv",
    ],
)  # fmt: skip
def test_an_address_with_a_secret_is_refused_and_never_repeated(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SURVEY_ADDRESS", address)
    for place in (address, "${SURVEY_ADDRESS}"):
        study = tmp_path / "study.yaml"
        text = f"study: one\ndata: public\nsources: {{people: {{file: '{place}'}}}}\n"
        study.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidStudy) as refused:
            load_study(study)
        assert SECRET not in str(refused.value) and "sources.people.file" in str(refused.value)
        assert SECRET not in CliRunner().invoke(app, ["check", str(study)]).output
    told = CliRunner().invoke(app, ["init", str(tmp_path / "new"), "--people", address])
    assert told.exit_code == 1 and SECRET not in told.output and not (tmp_path / "new").exists()
    assert said(address, caplog)["code"] == "DQ002"


def test_the_digest_is_that_of_the_local_file(share: Any) -> None:
    from segment.ingest.shares import digest_of

    share.pipe("hrdata/one.csv", TABLE)
    assert digest_of("s3://hrdata/one.csv") == hashlib.sha256(TABLE).hexdigest()
    share.pipe("hrdata/one.csv", TABLE[::-1])
    assert digest_of("s3://hrdata/one.csv") == hashlib.sha256(TABLE[::-1]).hexdigest()
    assert digest_of("s3://hrdata/none.csv") == "missing"


def test_an_account_of_azure_that_is_not_there_is_told_at_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segment.ingest.shares.getproxies", dict)
    told = said("abfss://files@account.invalid/2025/people.csv", caplog)
    assert "does not answer" in told["explanation"] and not caplog.text
