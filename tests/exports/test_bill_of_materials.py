"""The bill of materials: every package of the lock file, as CycloneDX asks for it, and the same bytes each time."""

from __future__ import annotations

import json
import re
from pathlib import Path

from packaging.requirements import Requirement

from segment.exports.dossier.bill import LOCK, bill_of_materials, installed_packages, locked_packages

TEXT = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via segment (pyproject.toml)
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:{a}
typing_extensions==4.1
uvicorn[standard]==0.3
""".format(a="a" * 64, b="b" * 64)


def test_every_line_of_a_lock_file_is_read() -> None:
    packages = list(locked_packages(TEXT))
    assert [package.reference for package in packages] == [
        "pkg:pypi/numpy@2.4.6", "pkg:pypi/numpy@2.5.5", "pkg:pypi/typing-extensions@4.1", "pkg:pypi/uvicorn@0.3",
    ]  # fmt: skip
    assert packages[0].marker == "python_full_version < '3.12'"
    assert packages[0].sha256 == ("a" * 64, "b" * 64)
    assert packages[2].marker == ""


def test_the_bill_holds_what_the_lock_file_holds_and_no_address() -> None:
    bill = json.loads(bill_of_materials())
    pinned = re.findall(r"^([\w.-]+)(?:\[.*?\])?==(\S+)", LOCK.read_text(), flags=re.MULTILINE)
    assert sorted((one["name"], one["version"]) for one in bill["components"]) == sorted(pinned)
    hashes = sum(len(one["hashes"]) for one in bill["components"])
    assert hashes == LOCK.read_text().count("--hash=sha256:")
    assert "http" not in bill_of_materials().replace("httpcore", "").replace("httpx", "").replace("http-", "").replace(
        "aiohttp", ""
    )


def test_it_is_cyclonedx_as_its_readers_check_it() -> None:
    """What the 1.6 schema requires, by hand: the schema itself is not ours to ship."""
    bill = json.loads(bill_of_materials())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["specVersion"] == "1.6"
    assert bill["version"] >= 1
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(references) == len(set(references))
    for one in bill["components"]:
        assert {"type", "name", "version", "purl"} <= set(one)
        assert one["type"] == "library"
        assert all(h["alg"] == "SHA-256" and re.fullmatch(r"[0-9a-f]{64}", h["content"]) for h in one["hashes"])
        assert set(one) <= {"type", "bom-ref", "name", "version", "purl", "hashes", "properties"}


def test_the_same_lock_file_gives_the_same_bytes_and_another_one_another_number(tmp_path: Path) -> None:
    other = tmp_path / "requirements.lock"
    other.write_text(TEXT)
    assert bill_of_materials() == bill_of_materials()
    assert json.loads(bill_of_materials(other))["serialNumber"] != json.loads(bill_of_materials())["serialNumber"]


def test_without_a_lock_file_the_installed_packages_are_listed() -> None:
    names = {package.name for package in installed_packages()}
    declared = {Requirement(line).name for line in ("pandas", "scikit-learn", "mlflow")}
    assert declared <= names
    assert "segment" not in names
