"""Keyed pseudonyms: the same person always gets the same code, and only the key's holder can make it.

A pseudonym is BLAKE2b (Aumasson et al., RFC 7693) of the identifier, keyed and personalised by purpose, 128 bits
long: two people share one by chance with probability below 1e-18 for a hundred million people. Without the key
nobody can make the pseudonym of a known person; with another purpose it is another pseudonym.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.config import Study
from segment.errors import InvalidInput
from segment.vocabulary import DataKind

_DIGEST_BYTES = 16
_PERSON_BYTES = 16
_LEAST_KEY_BYTES, _MOST_KEY_BYTES = 16, 64
_LEAST_DIFFERENT_BYTES = 8
_HOW_TO_MAKE_ONE = "python -c 'import secrets; print(secrets.token_hex(32))'"


@dataclass(frozen=True)
class Pseudonymiser:
    """Makes pseudonyms for one purpose with one key (16 to 64 bytes). The key is never shown.

    Raises
    ------
    InvalidInput
        The key is too short, too long or too plain, or the purpose is empty.

    Examples
    --------
    >>> pseudonyms = Pseudonymiser(bytes(range(32)), "study:demo")
    >>> pseudonyms.person("007") == pseudonyms.person("7")
    False
    >>> len(pseudonyms.person("007"))
    32
    """

    key: bytes = field(repr=False)
    purpose: str

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not self.purpose:
            raise InvalidInput("A pseudonym needs a purpose.", expected="a word such as study:demo", came="nothing")

    @property
    def key_id(self) -> str:
        """A short fingerprint of the key, safe to publish: it tells keys apart and reveals none."""
        return hashlib.blake2b(b"key id", key=self.key, digest_size=4, person=b"segment key id").hexdigest()

    def person(self, raw_id: str) -> str:
        """The pseudonym of one identifier, as 32 hexadecimal signs."""
        return hashlib.blake2b(
            raw_id.encode(), key=self.key, digest_size=_DIGEST_BYTES, person=self._personal()
        ).hexdigest()

    def persons(self, raw_ids: pd.Series) -> pd.Series:
        """The pseudonyms of a column of identifiers (text); empty stays empty.

        >>> Pseudonymiser(bytes(range(32)), "p").persons(pd.Series(["a", None])).isna().tolist()
        [False, True]
        """
        codes, unique = pd.factorize(raw_ids)
        start = hashlib.blake2b(key=self.key, digest_size=_DIGEST_BYTES, person=self._personal())
        made: list[str | None] = []
        for raw_id in unique:
            digest = start.copy()
            digest.update(str(raw_id).encode())
            made.append(digest.hexdigest())
        known = pd.Series([*made, None], dtype="str")
        return pd.Series(known.array.take(codes), index=raw_ids.index, name="person")

    def _personal(self) -> bytes:
        """The purpose in BLAKE2b's personalisation field, which holds 16 bytes."""
        purpose = self.purpose.encode()
        if len(purpose) <= _PERSON_BYTES:
            return purpose
        return hashlib.blake2b(purpose, digest_size=_PERSON_BYTES).digest()


def study_pseudonyms(study: str, key: bytes) -> Pseudonymiser:
    """The pseudonymiser of one study: the same person has another pseudonym in every study.

    >>> key = bytes(range(32))
    >>> study_pseudonyms("demo", key).person("1") == study_pseudonyms("pilot", key).person("1")
    False
    """
    return Pseudonymiser(key, f"study:{study}")


def derived_key(study: str) -> bytes:
    """A key anyone can make again, for simulated and public data only; it depends on the study's name alone.

    >>> derived_key("demo") == derived_key("demo")
    True
    """
    return hashlib.blake2b(study.encode(), digest_size=32, person=b"segment derived").digest()


def key_for(study: Study, environment: Mapping[str, str]) -> bytes:
    """The pseudonym key of a study.

    Simulated and public data use ``derived_key``. Personal data need a key of their own: hexadecimal or plain text
    in the environment variable that ``privacy.key`` names, or in a file whose path stands in that variable's name
    followed by ``_FILE``. The file must lie outside the project, so that it never travels with it.

    Raises
    ------
    InvalidInput
        Personal data without a key, two keys at once, a key that is too short or too plain, or a key file inside
        the project.
    """
    config = study.config
    if config.data != DataKind.PERSONAL:
        return derived_key(config.study)
    name = config.privacy.key
    direct, file = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if direct and file:
        raise InvalidInput(
            "There are two pseudonym keys.", expected=f"{name} or {name}_FILE", came="both", advice="unset one of them"
        )
    if file:
        return key_in_file(Path(file), study, where=f"environment variable {name}_FILE")
    if not direct.strip():
        raise InvalidInput(
            "Personal data need a pseudonym key.",
            expected=f"a key in the environment variable {name}, or the path of a key file in {name}_FILE",
            came="neither",
            advice=f"make one with {_HOW_TO_MAKE_ONE} and keep it in a vault; with another key people get other codes",
        )
    return _key_of(direct)


def key_in_file(path: Path, study: Study, *, where: str) -> bytes:
    """The key in a file outside the project; ``where`` says who named the file.

    Raises
    ------
    InvalidInput
        The file cannot be read, lies inside the project or its workspace, or holds a key that is too short or plain.
    """
    resolved = path.resolve()
    if any(resolved.is_relative_to(folder.resolve()) for folder in (study.root, study.workspace)):
        raise InvalidInput(
            "The key file lies inside the project.",
            expected="a file outside it, so that it is never copied or committed",
            where=where,
            advice="move the file, for instance to a folder only you can read",
        )
    try:
        written = resolved.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            "The key file cannot be read.",
            expected="a text file with one key",
            where=where,
            advice=f"check the path, or make a key with {_HOW_TO_MAKE_ONE}",
        ) from None
    return _key_of(written)


def _key_of(written: str) -> bytes:
    key = _bytes_of(written.strip())
    _check_key(key)
    return key


def _bytes_of(text: str) -> bytes:
    """Hexadecimal text as its bytes; any other text as UTF-8."""
    if len(text) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", text):
        return bytes.fromhex(text)
    return text.encode()


def _check_key(key: bytes) -> None:
    if not _LEAST_KEY_BYTES <= len(key) <= _MOST_KEY_BYTES:
        raise InvalidInput(
            "The pseudonym key has the wrong length.",
            expected=f"{_LEAST_KEY_BYTES} to {_MOST_KEY_BYTES} bytes (twice as many hexadecimal signs)",
            came=f"{len(key)} bytes",
            advice=f"make one with {_HOW_TO_MAKE_ONE}",
        )
    if len(set(key)) < _LEAST_DIFFERENT_BYTES:
        raise InvalidInput(
            "The pseudonym key is too plain.",
            expected="random bytes",
            came="the same few signs again and again",
            advice=f"make one with {_HOW_TO_MAKE_ONE}",
        )
