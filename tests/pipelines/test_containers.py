"""The container files: nobody is root, nothing is open to others, and each service's own command line runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.live import free_port, postgres, prefect_server, surroundings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = sorted(name for name, one in SERVICES.items() if one.get("build"))
NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
#: What may stand in a file of services, as the Compose Specification has it; only what these files use.
SCHEMA = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"type": "object", "additionalProperties": {"$ref": "#/$defs/service"}},
        "configs": {
            "type": "object",
            "additionalProperties": {
                "type": "object", "properties": {"content": {"type": "string"}}, "additionalProperties": False,
            },
        },
        "secrets": {
            "type": "object",
            "additionalProperties": {
                "type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"],
                "additionalProperties": False,
            },
        },
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
    "$defs": {
        "service": {
            "type": "object",
            "additionalProperties": False,
            "required": ["image", "user", "read_only", "healthcheck", "restart"],
            "properties": {
                "image": {"type": "string"}, "build": {"type": "string"}, "user": {"type": "string"},
                "read_only": {"const": True}, "tmpfs": NAMES, "cap_drop": {"const": ["ALL"]},
                "security_opt": {"const": ["no-new-privileges:true"]}, "restart": {"enum": ["unless-stopped"]},
                "environment": {"type": "object", "additionalProperties": {"type": "string"}},
                "secrets": NAMES, "volumes": NAMES, "command": NAMES | {"uniqueItems": False},
                "ports": {"type": "array", "items": {"type": "string", "pattern": r"^127\.0\.0\.1:\d+:\d+$"}},
                "configs": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["source", "target"], "additionalProperties": False,
                        "properties": {"source": {"type": "string"}, "target": {"type": "string"}},
                    },
                },
                "depends_on": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object", "additionalProperties": False, "required": ["condition"],
                        "properties": {"condition": {"const": "service_healthy"}},
                    },
                },
                "healthcheck": {
                    "type": "object", "required": ["test", "interval", "timeout", "retries"],
                    "additionalProperties": False,
                    "properties": {
                        "test": {"type": "array", "prefixItems": [{"const": "CMD"}], "items": {"type": "string"}},
                        "interval": {"type": "string", "pattern": r"^\d+s$"},
                        "timeout": {"type": "string", "pattern": r"^\d+s$"}, "retries": {"type": "integer"},
                    },
                },
            },
        },
    },
}  # fmt: skip


def test_the_file_of_services_keeps_to_its_schema_and_a_service_without_a_user_does_not() -> None:
    jsonschema.validate(COMPOSE, SCHEMA)
    for name, one in SERVICES.items():
        broken = COMPOSE | {"services": {**SERVICES, name: {k: v for k, v in one.items() if k != "user"}}}
        with pytest.raises(jsonschema.ValidationError, match="user"):
            jsonschema.validate(broken, SCHEMA)


def test_nobody_is_root_and_no_secret_stands_in_a_file_or_a_variable() -> None:
    assert all(one["user"] not in ("root", "0", "0:0") for one in SERVICES.values())
    assert all(one["cap_drop"] == ["ALL"] and one["security_opt"] for one in SERVICES.values())
    said = (ROOT / "compose.yaml").read_text(encoding="utf-8") + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|key|token)[ \t]*[:=][ \t]*['\"]?[A-Za-z0-9_-]{8,}", said)
    assert re.search(r"^USER (?!0|root)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)


def test_everything_that_a_service_names_is_there() -> None:
    for one in SERVICES.values():
        assert set(one.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(one.get("depends_on", ())) <= set(SERVICES)
        assert {config["source"] for config in one.get("configs", ())} <= set(COMPOSE["configs"])
        named = {volume.split(":")[0] for volume in one.get("volumes", ())}
        assert {volume for volume in named if not volume.startswith("./")} <= set(COMPOSE["volumes"])
    used = {secret for one in SERVICES.values() for secret in one.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    hosts = set(re.findall(r"(?:@|//)([a-z]+):\d{4}", str({name: SERVICES[name] for name in OWN})))
    assert hosts - {"localhost"} <= set(SERVICES)


def test_the_image_takes_what_it_copies_and_nothing_else_of_this_folder() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    taken = {part.rstrip("/") for line in lines if line.startswith("COPY") and "--from" not in line
             for part in line.split()[1:-1]}  # fmt: skip
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert taken == allowed and all((ROOT / part).exists() for part in taken)
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"
    given = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert all(f"\n{name}==" in given for name in ("asyncpg", "pg8000", "setuptools"))


@contextmanager
def service(name: str, folder: Path, swaps: dict[str, str], **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A service's own command line on this machine: addresses, ports and places are swapped, nothing else."""
    words = [str(word).replace("$$", "$") for word in SERVICES[name]["command"]]
    for old, new in swaps.items():
        words = [word.replace(old, new) for word in words]
    own = {key: value for key, value in SERVICES[name].get("environment", {}).items() if key not in more}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    folder.mkdir(parents=True)
    for tool in ("prefect", "mlflow"):
        (folder / tool).write_text(f'#!/bin/sh\nexec {sys.executable} -m {tool} "$@"\n')
        (folder / tool).chmod(0o700)
    given = surroundings() | own | more | {"PATH": f"{folder}{os.pathsep}{path}", "PREFECT_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(words, cwd=folder, env=given, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(timeout=60)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def healthy(name: str, running: subprocess.Popen[bytes], folder: Path, swaps: dict[str, str]) -> bool:
    """Whether the service's own check of health passes, within three minutes."""
    check = [str(word) for word in SERVICES[name]["healthcheck"]["test"][1:]]
    for old, new in swaps.items():
        check = [word.replace(old, new) for word in check]
    assert check[0] == "python"
    ends = time.monotonic() + 180
    while time.monotonic() < ends:
        assert running.poll() is None, (folder / "log").read_text()[-2000:]
        if subprocess.run([sys.executable, *check[1:]], capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(1)
    return False


def test_mlflow_runs_over_postgresql_with_its_own_command_and_takes_its_name_in_the_network(tmp_path: Path) -> None:
    port = str(free_port())
    (tmp_path / "password").write_text("not-a-secret")
    (tmp_path / "database").mkdir()
    with postgres(tmp_path / "database") as address:
        swaps = {
            "0.0.0.0": "127.0.0.1", "5000": port, "/artifacts": str(tmp_path / "artifacts"),
            "/run/secrets/database_password": str(tmp_path / "password"),
        }  # fmt: skip
        told = re.search(r'--backend-store-uri "([^"]*)"', str(SERVICES["mlflow"]["command"][2]))
        assert told is not None
        with service("mlflow", tmp_path / "mlflow", {told[1].replace("$$", "$"): address, **swaps}) as running:
            assert healthy("mlflow", running, tmp_path / "mlflow", {"5000": port})
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/health", headers={"Host": f"mlflow:{port}"})
            assert urllib.request.urlopen(asked, timeout=30).status == 200


def test_prefect_s_server_runs_with_its_own_command_and_reads_its_password_from_a_file(tmp_path: Path) -> None:
    port = str(free_port())
    (tmp_path / "password").write_text("not-a-secret")
    store = f"sqlite+aiosqlite:///{tmp_path}/prefect.db"
    told = re.search(r'URL="([^"]*)"', str(SERVICES["prefect"]["command"][2]))
    assert told is not None and told[1].startswith("postgresql+asyncpg://segment:$$(cat /run/secrets/")
    swaps = {told[1].replace("$$", "$"): store, "0.0.0.0": "127.0.0.1", "4200": port}
    with service("prefect", tmp_path / "prefect", swaps) as running:
        assert healthy("prefect", running, tmp_path / "prefect", {"4200": port})
    assert (tmp_path / "prefect.db").is_file()


def test_a_worker_runs_with_its_own_command_and_says_that_it_is_well(tmp_path: Path) -> None:
    port = str(free_port())
    (tmp_path / "server").mkdir()
    with prefect_server(tmp_path / "server") as api:
        given = {
            "PREFECT_API_URL": api, "PREFECT_WORKER_WEBSERVER_PORT": port,
            "PREFECT_WORKER_WEBSERVER_HOST": "127.0.0.1",
        }  # fmt: skip
        with service("worker", tmp_path / "worker", {}, **given) as running:
            assert healthy("worker", running, tmp_path / "worker", {"8080": port})
