"""The bill of materials: every package this program runs with, as a CycloneDX document that tools can read.

CycloneDX 1.6 (ECMA-424), in JSON. It is made from the lock file where that is at hand (a checkout), with the
fingerprint of every file that may be installed; else from the packages that are installed, without fingerprints. It
names no package index and carries no time stamp, so the same lock file gives the same bytes.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from segment import __version__

#: Where the bill stands in a release, inside the dossier.
BILL = "sbom.cdx.json"
#: The lock file of a checkout.
LOCK = Path(__file__).resolve().parents[4] / "requirements.lock"

_PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]*))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Package:
    """One pinned package: on which machines it is installed (an environment marker), and what its files hash to."""

    name: str
    version: str
    marker: str = ""
    sha256: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The package URL: type, name and version."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def bill_of_materials(lock: Path = LOCK) -> str:
    """The bill of this program, as text.

    Examples
    --------
    >>> bill = json.loads(bill_of_materials(Path("no lock file here")))
    >>> bill["bomFormat"], bill["specVersion"], bill["metadata"]["component"]["name"]
    ('CycloneDX', '1.6', 'segment')
    """
    locked = lock.is_file()
    packages = list(locked_packages(lock.read_text(encoding="utf-8")) if locked else installed_packages())
    content: dict[str, object] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "segment", "name": "segment", "version": __version__},
            "properties": [{"name": "source", "value": "requirements.lock" if locked else "installed packages"}],
        },
        "components": [
            _component(package) for package in sorted(packages, key=lambda one: (one.reference, one.marker))
        ],
    }
    content["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))}"
    return json.dumps(content, sort_keys=True, indent=1) + "\n"


def locked_packages(text: str) -> Iterator[Package]:
    """The packages of a lock file in pip's format, in its order.

    >>> [package.reference for package in locked_packages("numpy==2.4.6 ; python_full_version < '3.12'")]
    ['pkg:pypi/numpy@2.4.6']
    """
    for entry in text.replace("\\\n", " ").splitlines():
        found = _PINNED.match(entry)
        if found is not None:
            marker = (found["marker"] or "").split(" --hash", 1)[0].strip()
            yield Package(found["name"], found["version"], marker, tuple(sorted(_HASH.findall(entry))))


def installed_packages() -> Iterator[Package]:
    """What is installed beside this program: itself, and what it needs, with what that needs."""
    own = {
        script.dist.name
        for script in metadata.entry_points(group="console_scripts", name="segment")
        if script.value.startswith("segment.") and script.dist is not None
    }  # not by name: an index may know another project by the name of the package
    wanted, seen = sorted(own), set()
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on other machines only
        if found.name not in own:
            yield Package(name, found.version)
        needs = [need for need in found.requires or [] if "extra ==" not in need]
        wanted += [match[0] for need in needs if (match := re.match(r"[A-Za-z0-9][\w.-]*", need))]


def _component(package: Package) -> dict[str, object]:
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": package.reference,
        "name": package.name,
        "version": package.version,
        "purl": package.reference,
    }
    if package.sha256:
        component["hashes"] = [{"alg": "SHA-256", "content": one} for one in package.sha256]
    if package.marker:
        component["properties"] = [{"name": "python:marker", "value": package.marker}]
    return component
