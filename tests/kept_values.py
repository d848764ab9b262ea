"""A walk over everything inside an object or a file, in search of values that only one person carries."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

#: What only the planted person has: pay, months of tenure, and the name of a level.
PAY, TENURE, LEVEL = 987654.3, 613.4, "Zwaluwstaart"
_NUMBERS = (PAY, float(int(PAY)), TENURE, float(int(TENURE)))
_TEXT = re.compile(rf"(?<![\d.])(?:{int(PAY)}|{int(TENURE)})(?:\.\d+)?(?!\d)|{LEVEL}", flags=re.IGNORECASE)
#: As a file holds them; 32-bit whole numbers only of what cannot be a length of something else.
_BYTES = (
    *(struct.pack(form, number) for form in ("<d", "<f", ">d") for number in _NUMBERS),
    *(struct.pack("<q", int(number)) for number in _NUMBERS),
    struct.pack("<i", int(PAY)),
    LEVEL.encode(),
    LEVEL.encode("utf-16-le"),
)


def parts_of(thing: Any, where: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Every text, number and array anywhere inside, with the way to it."""
    seen = set() if seen is None else seen
    if isinstance(thing, str | bytes | bool | int | float | np.generic | np.ndarray) or thing is None:
        if isinstance(thing, np.ndarray) and thing.dtype == object:
            for place, one in enumerate(thing.ravel().tolist()):
                yield from parts_of(one, f"{where}[{place}]", seen)
        else:
            yield where, thing
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield from _inside(thing, where, seen)


def _inside(thing: Any, where: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, pd.DataFrame):
        columns = {name: thing[name].to_numpy() for name in thing.columns}
        yield from parts_of({"index": thing.index.to_numpy(), **columns}, where, seen)
    elif isinstance(thing, pd.Series | pd.Index):
        yield from parts_of(np.asarray(thing), where, seen)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from parts_of(key, f"{where}.keys", seen)
            yield from parts_of(value, f"{where}.{key}", seen)
    elif isinstance(thing, list | tuple | set | frozenset):
        for place, one in enumerate(thing):
            yield from parts_of(one, f"{where}[{place}]", seen)
    elif hasattr(thing, "model_to_string"):
        yield f"{where}.text", thing.model_to_string()
    else:
        slots = {name: getattr(thing, name, None) for name in getattr(type(thing), "__slots__", ())}
        for name, value in {**getattr(thing, "__dict__", {}), **slots}.items():
            yield from parts_of(value, f"{where}.{name}", seen)


def attributes_holding(thing: Any) -> list[str]:
    """Where inside an object a planted value stands, as number or as text."""
    return [where for where, part in parts_of(thing) if _holds(part)]


def _holds(part: Any) -> bool:
    if isinstance(part, bytes):
        return bool(bytes_holding(part))
    if isinstance(part, str):
        return _TEXT.search(part) is not None
    if part is None or isinstance(part, bool):
        return False
    values = np.asarray(part)
    if values.dtype.kind in "US":
        return any(_TEXT.search(text) for text in values.ravel().tolist())
    if values.dtype.kind not in "iuf":
        return False
    return bool(np.isclose(values.astype(float).ravel()[:, None], _NUMBERS, rtol=1e-7, atol=0.0).any())


def bytes_holding(data: bytes) -> list[str]:
    """Which planted values stand in these bytes, as text or as little-endian (and pickled) numbers."""
    found = [form.hex() for form in _BYTES if form in data]
    return found + [hit.group() for hit in _TEXT.finditer(data.decode("latin-1"))]


def saved(model: Any) -> bytes:
    """The model's file, not compressed."""
    file = io.BytesIO()
    joblib.dump(model, file, compress=0)
    return file.getvalue()


def files_holding(folder: Path) -> dict[str, list[str]]:
    """Every file below a folder that holds a planted value; models are unpacked."""
    found = {}
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        held = bytes_holding(path.read_bytes())
        if path.suffix == ".joblib":
            model = joblib.load(path)
            held += bytes_holding(saved(model)) + attributes_holding(model)
        if held:
            found[str(path.relative_to(folder))] = held
    return found
