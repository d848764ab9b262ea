"""Files of a share, by address: read as the same file on this machine is, and gone from it afterwards.

Who may read what stands in the environment, where the library of each kind of share looks for it; an address holds no
secret. A fault is told by its kind: a library's own words may hold an address, a header or a key.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.request import getproxies

from segment.config.addresses import address_of, fault_of
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits

#: Seconds until a share has to answer, and between two parts of a file; bytes that are read at once.
_PATIENCE, _PAUSE, _AT_ONCE = 10, 60, 1 << 22
#: Kind of address -> the extra with its library, and where that looks for who may read.
_EXTRAS = {"s3": "s3", "abfss": "azure", "https": "https"}
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
#: What marks one version of a file, by the names that libraries give it.
_MARKS = ("ETag", "etag", "size", "LastModified", "last_modified", "mtime")
#: Names of faults, and codes of services, by what they mean.
_OLD = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired", "UnauthorizedSSOTokenError"}
_NO_KEY = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound",
           "ClientAuthenticationError", "CredentialUnavailableError"}  # fmt: skip
_DISTRUST = {"ClientConnectorCertificateError", "ClientConnectorSSLError", "SSLError", "SSLCertVerificationError"}
_CUT = {"ClientPayloadError", "ServerDisconnectedError", "IncompleteReadError", "ResponseStreamingError", "FileExpired"}
_LOGGING = ("aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "msal", "s3fs", "adlfs")
_REFUSED, _GONE = {401, 403}, {404, 410}
_digests: dict[tuple[str, str], str] = {}


class _Refused(Exception):
    """Why a file of a share is not read: rule, what came, what to do."""

    def __init__(self, rule: str, came: str, advice: str) -> None:
        super().__init__(came)
        self.rule, self.came, self.advice = rule, came, advice


@contextmanager
def on_this_machine(path: Path, findings: Findings, limits: Limits) -> Iterator[Path | None]:
    """A path as it is; of an address a copy that is there until the end of the block, for nobody else to read.

    Nothing where the file cannot be had: why is in ``findings``.
    """
    address = address_of(path)
    if address is None:
        yield path
        return
    if fault := fault_of(address):  # its name is not told either: a secret can stand in it
        findings.add("DQ002", "a file of the study", count=1, came="an address that is none", advice=fault)
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="segment-") as folder:
        copy: Path | None = Path(folder) / path.name
        try:
            with _quiet(), (Path(folder) / path.name).open("wb") as file:
                _Share.of(address).read(file.write, most=limits.max_megabytes)
        except _Refused as refused:
            copy = None
            _write_down(refused, path.name, findings, limits)
        yield copy


def digest_of(address: str) -> str:
    """The digest of a file's bytes, as of the same file on this machine; else a word for why there is none.

    Where a share marks the version of a file, each version is read once.
    """
    try:
        with _quiet():
            share = _Share.of(address)
            known = _digests.get((address, share.mark())) if share.is_marked else None
            if known is None:
                total = hashlib.sha256()
                share.read(total.update)
                known = _digests[address, share.mark()] = total.hexdigest()
            return known
    except _Refused as refused:
        return "missing" if refused.rule == "DQ001" else "not read"


def _write_down(refused: _Refused, name: str, findings: Findings, limits: Limits) -> None:
    if refused.rule == "DQ080":
        limits.refuse(findings, name, "max_megabytes", refused.came)
        return
    findings.add(
        refused.rule, name, count=1, expected="a file of a share", came=refused.came, advice=refused.advice
    )  # fmt: skip


class _System(Protocol):
    """What reads shares of one kind, as fsspec has it."""

    def info(self, path: str) -> Mapping[str, object]: ...

    def open(self, path: str, mode: str, **how: object) -> BinaryIO: ...

    def cat_file(self, path: str, start: int, end: int) -> bytes: ...

    def invalidate_cache(self) -> None: ...


@dataclass(frozen=True)
class _Share:
    """One file of a share: the library that reads it, and what the share says of it."""

    address: str
    system: _System
    place: str
    told: dict[str, object]

    @classmethod
    def of(cls, address: str) -> _Share:
        """Ask a share about a file.

        Raises
        ------
        _Refused
            There is no library, no such file, no right, no answer; or it is a folder.
        """
        kind, _, rest = address.partition("://")
        try:
            import fsspec  # what no study needs unless it names an address

            fsspec.get_filesystem_class(kind)
            if kind == "abfss" and not getproxies():
                _knock(rest)
            system, place = fsspec.core.url_to_fs(address, skip_instance_cache=True, **_options(kind, rest))
            told = _asked(system, place, kind)
        except ImportError:
            extra = _EXTRAS[kind]
            advice = f"install it: pip install 'needs-based-segmentation[{extra}]'"
            raise _Refused("DQ002", f"no library for {kind}://", advice) from None
        except Exception as fault:  # libraries of shares have no common name for their faults
            raise _meaning(fault, kind, rest) from None
        if told.get("type") == "directory":
            raise _Refused("DQ002", "a folder", "name one file in it")
        if kind == "https" and not str(told.get("url", address)).startswith("https://"):
            raise _Refused("DQ002", "a way that is not encrypted", "ask for an address that leads to https:// only")
        return cls(address, system, place, told)

    @property
    def is_marked(self) -> bool:
        """Whether the share tells versions apart."""
        return bool(self.told.get("ETag") or self.told.get("etag"))

    def mark(self) -> str:
        """What tells this version of the file from others."""
        return repr([str(self.told.get(name)) for name in _MARKS])

    def read(self, take: Callable[[bytes], object], *, most: int | None = None) -> None:
        """Hand on every byte; a file that is not whole, or another one by the end, is refused.

        Raises
        ------
        _Refused
            What is wrong with it, or it holds more than ``most`` megabytes.
        """
        kind, _, rest = self.address.partition("://")
        size = self.told.get("size")
        _hold_against(most, size if isinstance(size, int) else 0)
        done = 0
        how: dict[str, object] = (
            {"block_size": 0} if kind == "https" else {"block_size": _AT_ONCE, "cache_type": "readahead"}
        )
        try:
            with self.system.open(self.place, "rb", **how) as file:
                while part := file.read(_AT_ONCE):
                    _refuse_page(part, done, self.place)
                    done += len(part)
                    _hold_against(most, done)
                    take(part)
            self.system.invalidate_cache()
            after = _Share(self.address, self.system, self.place, dict(self.system.info(self.place)))
        except _Refused:
            raise
        except Exception as fault:
            raise _meaning(fault, kind, rest) from None
        if after.mark() != self.mark() or (size is not None and size != done):
            raise _Refused("DQ005", "another file than at the beginning, or a part of it", _AGAIN)


def _asked(system: _System, place: str, kind: str) -> dict[str, object]:
    """What a share says of a file; S3 gives its reason for a refusal only where the file itself is asked for."""
    try:
        return dict(system.info(place))
    except FileNotFoundError:
        raise
    except OSError:
        if kind == "s3":
            system.cat_file(place, start=0, end=1)
        raise


_AGAIN = "run it again once whoever writes the file has finished"


def _knock(rest: str) -> None:
    """Whether anything listens on Azure's side: its library would go on asking for a minute and a half."""
    server = rest.partition("/")[0].rpartition("@")[2]
    socket.create_connection((server, 443), timeout=_PATIENCE).close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Libraries of shares write nothing into a log, where an address, a header or a key could stand."""
    loggers = [logging.getLogger(name) for name in _LOGGING]
    before = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


def _hold_against(most: int | None, size: int) -> None:
    if most is not None and size > most * 1e6:
        raise _Refused("DQ080", f"{size / 1e6:,.0f} MB", "")


def _refuse_page(part: bytes, done: int, place: str) -> None:
    if done == 0 and _PAGE.match(part) and not place.lower().endswith((".html", ".htm")):
        advice = "take the address of the file itself, and check who may read it: a page to sign in looks like this"
        raise _Refused("DQ002", "a web page", advice)


def variable_of(server: str) -> str:
    """The environment variable with what a server of files wants to see.

    >>> variable_of("hr-files.example.org:8443")
    'SEGMENT_TOKEN_HR__FILES_EXAMPLE_ORG_8443'
    """
    return "SEGMENT_TOKEN_" + re.sub(r"[^A-Z0-9_]", "_", server.upper().replace("-", "__"))


def _options(kind: str, rest: str) -> dict[str, object]:
    """What a library is told beside the address; it finds keys in the environment itself."""
    if kind == "s3":
        patience = {"connect_timeout": _PATIENCE, "read_timeout": _PAUSE, "retries": {"max_attempts": 2}}
        return {"anon": False, "use_listings_cache": False, "config_kwargs": patience}
    if kind == "abfss":
        return {"anon": False}
    from aiohttp import ClientTimeout

    # Sent to this server alone: a header for who may read is dropped on the way to another one.
    token = os.environ.get(variable_of(rest.partition("/")[0]), "").strip()
    who = {"Authorization": token if " " in token else f"Bearer {token}"} if token else {}
    timeout = ClientTimeout(total=None, sock_connect=_PATIENCE, sock_read=_PAUSE)
    headers = {"Accept-Encoding": "identity", **who}
    session = {"headers": headers, "timeout": timeout, "trust_env": True}
    return {"client_kwargs": session, "ssl": ssl.create_default_context()}


def _meaning(fault: BaseException, kind: str, rest: str) -> _Refused:
    """A library's fault in our words, and in none of its own."""
    chain = list(_chain(fault))
    names = {type(one).__name__ for one in chain} | {code for one in chain for code in _codes(one)}
    status = {number for one in chain for number in _numbers(one)}
    where = _where(kind, rest)
    if any(isinstance(one, OSError) and one.errno == errno.ENOSPC for one in chain):
        return _Refused("DQ002", "no room for a copy on this machine", "make room where temporary files lie (TMPDIR)")
    if names & _OLD:
        return _Refused("DQ002", "a key that is no longer valid", f"renew what stands in {where}")
    if names & _NO_KEY:
        return _Refused("DQ002", "no key for this share", f"put one into the environment: {where}")
    if names & _DISTRUST:
        advice = "ask for the certificate of its issuer, and name that file in SSL_CERT_FILE"
        return _Refused("DQ002", "a server whose certificate this machine does not trust", advice)
    if status & _REFUSED or any(isinstance(one, PermissionError) for one in chain):
        advice = f"check whether {where} belongs to somebody who may read this file"
        return _Refused("DQ002", "a share that refuses access", advice)
    if names & _CUT:
        return _Refused("DQ005", "a part of the file", _AGAIN)
    if status & _GONE or (kind != "https" and isinstance(fault, FileNotFoundError)):  # there it stands for any fault
        return _Refused("DQ001", "no such file on the share", "check the address, upper and lower case too")
    if status:
        return _Refused("DQ002", f"a share that answers with status {max(status)}", "run it again later")
    return _Refused("DQ002", "a share that does not answer", "check the address, and whether this machine may reach it")


def _where(kind: str, rest: str) -> str:
    """Where a key for a kind of share stands."""
    if kind == "s3":
        return "AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or AWS_PROFILE"
    if kind == "abfss":
        return "AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_ACCOUNT_KEY, or the identity that az login leaves"
    return variable_of(rest.partition("/")[0])


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__


def _codes(fault: BaseException) -> Iterator[str]:
    """A service's own codes for what is wrong."""
    answer = getattr(fault, "response", None)
    if isinstance(answer, dict):
        yield str(answer.get("Error", {}).get("Code", ""))
    yield str(getattr(fault, "error_code", ""))


def _numbers(fault: BaseException) -> Iterator[int]:
    """The status of an answer over HTTP."""
    answer = getattr(fault, "response", None)
    told = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(answer, dict) else None
    for number in (told, getattr(fault, "status", None), getattr(fault, "status_code", None)):
        if isinstance(number, int) and number >= 300:
            yield number
