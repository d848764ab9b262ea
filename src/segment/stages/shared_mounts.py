"""Whether others can reach a workspace: a warning before anything about people is written there."""

from __future__ import annotations

from pathlib import Path

#: File systems that other machines mount, or that know no owner of a file.
_SHARED = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "9p", "vboxsf", "vfat", "exfat")
)
_MOUNTS = Path("/proc/self/mounts")


def warn_of_sharing(workspace: Path, *, mounts: str | None = None) -> list[str]:
    """Warnings about a workspace on a shared mount, in a folder where anybody writes, or readable by others.

    ``mounts``: what ``/proc/self/mounts`` holds; read from there when left out; nothing is said where it is missing.
    """
    place = next(path for path in (workspace, *workspace.parents) if path.is_dir())
    said = []
    kind = _file_system(place.resolve(), _read_mounts() if mounts is None else mounts)
    if kind in _SHARED:
        said.append(f"warning: the workspace lies on a shared mount ({kind}): keep it on an encrypted disk of its own")
    mode = place.stat().st_mode
    if mode & 0o002 and not (mode & 0o1000 and place != workspace):
        said.append(f"warning: anybody can write in {place}: chmod o-w, or put the workspace elsewhere")
    opened = [path for path in (workspace, *_inside(workspace)) if path.exists() and path.stat().st_mode & 0o044]
    if opened:
        named = ", ".join(path.name for path in opened[:3])
        said.append(f"warning: others can read {len(opened)} places of the workspace ({named}): chmod -R go= them")
    return said


def _inside(workspace: Path) -> list[Path]:
    """What lies in a workspace and is nobody else's; exports are made to be read."""
    return sorted(path for path in workspace.glob("*") if path.name != "exports") if workspace.is_dir() else []


def _read_mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8")
    except OSError:
        return ""


def _file_system(place: Path, mounts: str) -> str:
    """The kind of file system a folder lies on; the longest mount point above it says so."""
    found = [line.split() for line in mounts.splitlines() if len(line.split()) > 2]
    above = [(len(at), kind) for _, at, kind, *_ in found if place.is_relative_to(at.replace("\\040", " "))]
    return max(above)[1] if above else ""
