"""What is wrong with a study file's place or a setting's kind, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from segment.errors import InvalidStudy, nearest

#: What was expected, by how the names of a validator's errors begin.
_EXPECTED: Mapping[str, str] = {
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "true or false",
    "string_type": "a text",
    "tuple_type": "a list, such as [a, b]",
    "list_type": "a list, such as [a, b]",
    "dict_type": "settings, as 'name: value' lines",
    "model_": "settings, as 'name: value' lines",
}
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"), (int, "a whole number"), (float, "a number with decimals"), (str, "a text"),
    (list, "a list"), (dict, "settings"),
)  # fmt: skip


def kind_told(error: str, value: object) -> str:
    """What kind of value was expected and which came, never the value; empty for another mistake.

    >>> kind_told("int_parsing", "many"), kind_told("too_short", "x")
    ('expected a whole number, found a text', '')
    """
    expected = next((said for begins, said in _EXPECTED.items() if error.startswith(begins)), "")
    came = next((said for kind, said in _KINDS if isinstance(value, kind)), "nothing")
    return f"expected {expected}, found {came}" if expected else ""


def refuse_absent(file: str | Path) -> None:
    """Refuse a study that is no file: a folder, or a name that is not there, with the study that was meant.

    Raises
    ------
    InvalidStudy
        Names the nearest study file.
    """
    path = Path(file)
    if path.is_file():
        return
    folder = path if path.is_dir() else path.parent
    names = sorted(one.name for one in folder.glob("*.y*ml"))
    if path.is_dir():
        meant = f"did you mean '{path / 'study.yaml'}'?" if "study.yaml" in names else nearest("study.yaml", names)
        said = f"is a folder; {meant or 'it holds no study file'}"
    else:
        near = nearest(path.name, names, listed=False)
        said = f"no such file{near and '; '}{near}" if folder.is_dir() else f"no folder '{folder}'"
    raise InvalidStudy(
        "The study file does not exist.", [f"{file}: {said}"],
        advice="check the path; shipped studies lie in configs/studies/",
    )  # fmt: skip
