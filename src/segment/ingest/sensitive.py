"""What may never come in, and what may come in for the audit only: by name and by the look of values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

#: Whole names that identify people, in Dutch and English, as words joined by ``_``.
_DENIED_NAMES = frozenset({
    "name", "naam", "full_name", "fullname", "volledige_naam", "first_name", "firstname", "voornaam", "voornamen",
    "last_name", "lastname", "surname", "achternaam", "family_name", "familienaam", "middle_name", "maiden_name",
    "meisjesnaam", "initials", "voorletters", "initialen", "roepnaam", "display_name", "employee_name",
    "person_name", "medewerker_naam", "naam_medewerker", "user_name", "username", "gebruikersnaam", "login",
    "address", "adres", "home_address", "woonadres", "street", "straat", "street_name", "straatnaam",
    "house_number", "huisnummer", "postcode", "postal_code", "zip", "zip_code", "zipcode", "ip", "ip_address",
    "ip_adres", "national_id", "employee_number", "personnel_number", "personeelsnummer", "medewerkernummer",
    "staff_number", "salarisnummer", "remarks", "opmerkingen", "comments", "notes", "notities"
})  # fmt: skip
#: Words that identify people wherever they stand in a name.
_DENIED_WORDS = frozenset({
    "email", "mail", "emailadres", "mailadres", "telephone", "telefoon", "telefoonnummer", "phone", "mobile_phone",
    "mobiel", "mobielnummer", "bsn", "burgerservicenummer", "sofi", "sofinummer", "ssn", "iban", "bankrekening",
    "rekeningnummer", "passport", "paspoort", "paspoortnummer", "kenteken", "whatsapp", "linkedin", "latitude",
    "longitude", "photo", "pasfoto", "address", "adres", "street", "straat", "postcode", "zipcode"
})  # fmt: skip
#: Words for what the law protects, wherever they stand in a name.
_PROTECTED_WORDS = frozenset({
    "sex", "dsex", "gender", "geslacht", "sekse", "age", "ageg", "agegroup", "agecat", "ageband", "leeftijd",
    "leeftijdsgroep", "leeftijdsklasse", "leeftijdscategorie", "birth", "birthdate", "birthday", "birthyear",
    "dob", "geboren", "geboortedatum", "geboortejaar", "geboorteland", "geboorteplaats", "race", "ras", "ethnicity",
    "ethnic", "etniciteit", "afkomst", "herkomst", "migratieachtergrond", "nationality", "nationaliteit",
    "minority", "dminority", "minderheid", "religion", "religious", "religie", "geloof", "godsdienst",
    "levensovertuiging", "health", "gezondheid", "illness", "ziekte", "ziekteverzuim", "verzuim", "verzuimdagen",
    "sickness", "sick", "disability", "disabled", "handicap", "arbeidsbeperking", "arbeidshandicap", "union",
    "vakbond", "vakbondslid", "political", "politiek", "geaardheid", "pregnant", "pregnancy", "zwanger",
    "zwangerschap", "marital", "married", "gehuwd", "veteran", "sexual", "seksueel", "wao", "wia"
})  # fmt: skip
_PROTECTED_PAIRS = ("burgerlijke_staat", "age_group", "date_of_birth", "year_of_birth", "civil_status", "sick_leave")
_SEX_WORDS = frozenset({
    "m", "f", "v", "x", "man", "vrouw", "male", "female", "men", "women", "mannelijk", "vrouwelijk", "anders",
    "other", "divers", "non-binary"
})  # fmt: skip

#: One sign before the @ is enough, so that a long text is walked through once.
_EMAIL = re.compile(r"[^\s@]@[^\s@]+\.[A-Za-z]{2}")
_PHONE = re.compile(r"(?:\+|00)\d{1,3}[\s.()-]*(?:\d[\s.()-]*){7,12}|0[1-9](?:[\s-]*\d){8}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SERVICE_NUMBER = re.compile(r"\d{8,9}")
#: The share of values from which a pattern counts; chance alone lets 1 in 11 nine-digit numbers pass the test.
_LEAST_PHONE_SHARE, _LEAST_SERVICE_SHARE = 0.2, 0.5
_LEAST_PEOPLE, _UNIQUE_SHARE = 50, 0.5


@dataclass(frozen=True)
class Pattern:
    """A kind of identifying value and how many cells look like it."""

    kind: str
    cells: np.ndarray


def words_of(name: str) -> tuple[str, ...]:
    """A column name as lower-case words without accents.

    >>> words_of("E-mailAdres (werk)")
    ('e', 'mail', 'adres', 'werk')
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    return tuple(re.findall(r"[a-z]+|\d+", plain))


def is_denied(name: str, *, further: Sequence[str] = ()) -> bool:
    """Whether a column of this name may never be taken in.

    >>> is_denied("Achternaam"), is_denied("e-mail werk"), is_denied("department_name"), is_denied("mailroom")
    (True, True, False, False)
    """
    words = words_of(name)
    joined = "_".join(words)
    plain = name.lower()
    listed = any(plain == pattern.lower() or fnmatchcase(plain, pattern.lower()) for pattern in further)
    return listed or joined in _DENIED_NAMES or bool(_DENIED_WORDS.intersection(words)) or joined in _DENIED_WORDS


def is_protected(name: str) -> bool:
    """Whether a column of this name holds something the law protects, so that it may serve the audit only.

    >>> is_protected("Leeftijd"), is_protected("geboorte_datum"), is_protected("stage"), is_protected("package")
    (True, True, False, False)
    """
    words = words_of(name)
    joined = "_".join(words)
    starts = any(word.startswith(("geboorte", "ethnic", "religi", "gender", "etnisch")) for word in words)
    return starts or bool(_PROTECTED_WORDS.intersection(words)) or any(pair in joined for pair in _PROTECTED_PAIRS)


def looks_like_sex(values: pd.Series) -> bool:
    """Whether a text column holds nothing but words for sex.

    >>> looks_like_sex(pd.Series(["M", "V", "M"])), looks_like_sex(pd.Series(["M", "L", "XL"]))
    (True, False)
    """
    words = {str(word).lower() for word in values.dropna().unique()}
    return len(words) >= 2 and words <= _SEX_WORDS


def identifying_patterns(values: pd.Series) -> list[Pattern]:
    """Kinds of identifying values in a text column, each with the cells that look like it.

    One e-mail address or valid IBAN (ISO 13616, checksum modulo 97) is enough; phone numbers count from a fifth
    and Dutch citizen service numbers (weighted sum divisible by 11) from half of the values.

    >>> [found.kind for found in identifying_patterns(pd.Series(["NL91 ABNA 0417 1643 00", None]))]
    ['bank account numbers (IBAN)']
    """
    codes, unique = pd.factorize(values)
    words = [str(word) for word in unique]
    filled = max(int((codes >= 0).sum()), 1)
    found = []
    for kind, test, least in (
        ("e-mail addresses", lambda word: bool(_EMAIL.search(word)), 0.0),
        ("bank account numbers (IBAN)", is_iban, 0.0),
        ("phone numbers", lambda word: bool(_PHONE.fullmatch(word)), _LEAST_PHONE_SHARE),
        ("citizen service numbers (BSN)", is_service_number, _LEAST_SERVICE_SHARE),
    ):
        cells = np.array([test(word) for word in words] + [False], dtype=bool)[codes]
        if cells.any() and cells.sum() / filled >= least:
            found.append(Pattern(kind, cells))
    return found


def is_iban(word: str) -> bool:
    """Whether a text is an IBAN with a right checksum (ISO 13616).

    >>> is_iban("NL91ABNA0417164300"), is_iban("NL92ABNA0417164300")
    (True, False)
    """
    plain = re.sub(r"[\s.-]", "", word).upper()
    if not _IBAN.fullmatch(plain):
        return False
    digits = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def is_service_number(word: str) -> bool:
    """Whether a number passes the test of Dutch citizen service numbers: 9 d1 + 8 d2 + ... + 2 d8 - d9 = 0 mod 11.

    >>> is_service_number("111222333"), is_service_number("111222334")
    (True, False)
    """
    plain = re.sub(r"[\s.]", "", word)
    if not _SERVICE_NUMBER.fullmatch(plain) or int(plain) == 0:
        return False
    digits = [int(sign) for sign in plain.zfill(9)]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def is_nearly_unique(values: pd.Series, people: pd.Series) -> bool:
    """Whether most people have a value of their own, in a group of at least 50 people."""
    known = values.notna()
    count = people[known].nunique()
    return bool(count >= _LEAST_PEOPLE and values[known].nunique() > _UNIQUE_SHARE * count)
