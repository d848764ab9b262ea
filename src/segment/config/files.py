"""Layered YAML files as one frozen study, with every mistake at its file, line and column."""

from __future__ import annotations

import importlib.resources
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from segment.config.addresses import address_of
from segment.config.bounded import Unbounded, bounded_text, compose, scalar
from segment.config.models import StudyConfig
from segment.config.named import misnamed
from segment.config.wording import kind_told, refuse_absent
from segment.errors import MOST_LISTED, InvalidStudy, nearest

#: The rooms whose defaults may stand in ``configs/<room>.yaml``.
ROOMS = (
    "ingest",
    "needs",
    "segmentation",
    "retention",
    "experience",
    "actions",
    "plan",
    "privacy",
    "governance",
    "tracking",
    "review",
    "operations",
)

#: The folder of settings, in the project and in the installed package.
PACKED = "configs"

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Place:
    """Where a value was written."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Study:
    """A study's settings and where it lives.

    ``root`` is the project's root; ``workspace``, ``models`` and source paths are derived from it once, here.
    ``overrides`` are the settings that this run changed, as ``key=value``.
    """

    config: StudyConfig
    file: Path
    root: Path
    configs: Path
    overrides: tuple[str, ...] = ()

    @property
    def workspace(self) -> Path:
        """Where tables, exports and stores of this study lie."""
        return (self.root / (self.config.workspace or f"var/{self.config.study}")).resolve()

    @property
    def models(self) -> Path:
        """Where models of this study land."""
        if self.config.workspace is None:
            return self.root / "models" / self.config.study
        return self.workspace / "models"

    def path(self, written: str) -> Path:
        """A path as written in the study file: relative to it, or to ``raw/`` for a simulated organisation.

        An address of a share stands for itself (:func:`segment.config.addresses.address_of`).
        """
        if address_of(written) is not None:
            return Path(written)
        if self.config.simulation is not None and not written.startswith("."):
            return self.workspace / "raw" / written
        return (self.file.parent / written).resolve()

    def config_path(self, written: str) -> Path:
        """A file that belongs to the settings (codebook, catalogue): beside the study, else in ``configs/``."""
        beside = (self.file.parent / written).resolve()
        return beside if beside.exists() else (self.configs / written).resolve()


def load_study(
    file: str | Path, *, overrides: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Study:
    """Read a study: model defaults, then ``configs/<room>.yaml``, then the study's file, then ``key=value``.

    Raises
    ------
    InvalidStudy
        With every mistake of every file at once, each as ``file:line:column``.
    """
    path = Path(file).resolve()
    variables = os.environ if environment is None else environment
    refuse_absent(file)
    root, configs = _project_of(path)
    layers = [
        _Layer.read(configs / f"{room}.yaml", variables, prefix=(room,))
        for room in ROOMS
        if (configs / f"{room}.yaml").is_file()
    ]
    layers.append(_Layer.read(path, variables))
    layers.extend(_Layer.from_override(text) for text in overrides)
    problems = [problem for layer in layers for problem in layer.problems]
    if any(not layer.places for layer in layers if layer.problems):
        raise InvalidStudy("The study cannot be read.", problems)
    config = _validate(layers, path, problems)
    return Study(config.as_known(), path, root, configs, tuple(overrides))


def recorded_study(file: Path, settings: str) -> Study:
    """A study with settings that were recorded, whatever its file says by now.

    Parameters
    ----------
    file
        The study's file: paths of sources are relative to it.
    settings
        All settings as JSON, as ``StudyConfig.model_dump_json()`` gave them: the order of what they name counts.

    Raises
    ------
    InvalidStudy
        This version of the program knows other settings.
    """
    path = file.resolve()
    root, configs = _project_of(path)
    try:
        config = StudyConfig.model_validate_json(settings)
    except ValidationError as failure:
        named = {".".join(str(part) for part in error["loc"]) for error in failure.errors(include_input=False)}
        raise InvalidStudy(
            "The recorded settings are not settings of this version.",
            [f"{name}: not known, or of another kind" for name in sorted(named)],
            advice="rebuild it with the version that it was made with",
        ) from None
    return Study(config, path, root, configs)


def _validate(layers: Sequence[_Layer], path: Path, problems: list[str]) -> StudyConfig:
    """The merged layers as settings, or a refusal with what was found while reading and while checking."""
    merged: dict[str, object] = {}
    for layer in layers:
        merged = _merge(merged, layer.data)
    errors: list[ErrorDetails] = []
    try:
        config = StudyConfig.model_validate(merged)
    except ValidationError as failure:
        errors = _first_first(failure.errors(include_url=False), layers)
    else:
        problems = [*problems, *(_say_name(key, said, layers, path) for key, said in misnamed(config))]
    found = len(problems) + len(errors)
    if found:
        lines = _in_order([*problems, *(_say(error, layers, path) for error in errors[:MOST_LISTED])])
        raise InvalidStudy(
            f"The study has {found:,} mistake{'s' if found != 1 else ''}.", lines, further=found - len(lines)
        )
    return config


def _first_first(errors: Iterable[ErrorDetails], layers: Sequence[_Layer]) -> list[ErrorDetails]:
    """What pydantic found, as a reader walks through the files; saying it takes time, so only the first ones are."""

    def position(error: ErrorDetails) -> tuple[str, int, int]:
        place = _find(tuple(error["loc"]), layers)
        return (place.file, place.line, place.column) if place else ("", 0, 0)

    return sorted(errors, key=position)


def shipped_settings() -> Path:
    """The settings that come with the package: data of the installed package, or ``configs/`` beside its sources."""
    package = Path(str(importlib.resources.files("segment")))
    packed = package / PACKED
    return packed if packed.is_dir() else package.parents[1] / PACKED


def _project_of(path: Path) -> tuple[Path, Path]:
    """The project's root and its ``configs/``: nearest above the study, else the ones this code came with."""
    for folder in path.parents:
        if (folder / "pyproject.toml").is_file() and (folder / "configs").is_dir():
            return folder, folder / "configs"
    own = path.parent / "configs"
    return path.parent, own if own.is_dir() else shipped_settings()


class _Layer:
    """One file (or one ``--set``): its data, where each value stands, and what could not be read."""

    def __init__(self, data: dict[str, object], places: dict[tuple[object, ...], Place], problems: list[str]) -> None:
        self.data, self.places, self.problems = data, places, problems

    @classmethod
    def read(cls, path: Path, variables: Mapping[str, str], *, prefix: tuple[str, ...] = ()) -> _Layer:
        name = _short(path)
        try:
            node = compose(bounded_text(path))
        except (OSError, UnicodeDecodeError):
            return cls({}, {}, [f"{name}:1:1: the file is not readable UTF-8 text"])
        except Unbounded as failure:
            return cls({}, {}, [f"{name}:{failure}"])
        if node is None:
            return cls({}, {}, [])
        if not isinstance(node, MappingNode):
            return cls({}, {}, [f"{name}:1:1: expected 'key: value' lines"])
        reader = _Reader(name, variables)
        data = reader.mapping(node, prefix)
        for part in reversed(prefix):
            data = {part: data}
        return cls(data, reader.places, reader.problems)

    @classmethod
    def from_override(cls, text: str) -> _Layer:
        key, separator, written = text.partition("=")
        place = f"--set {key}"
        if _is_sealed(key.strip()):
            return cls(
                {}, {}, [f"{place}: only the study's own files may say this (what data these are, who agreed, who "
                         "decides, the floors and the key); write it there, where a reviewer reads it"]
            )  # fmt: skip
        if not separator or not key.strip():
            return cls({}, {}, [f"--set {text}: expected key=value, such as --set segmentation.n_splits=5"])
        try:
            node = compose(written)
        except Unbounded as failure:
            return cls({}, {}, [f"{place}: {failure.why}"])
        reader = _Reader(place, {})
        value = reader.plain(node) if node is not None else None
        if reader.problems:
            return cls({}, {}, reader.problems)
        parts = tuple(key.strip().split("."))
        data = {parts[-1]: value}
        for part in reversed(parts[:-1]):
            data = {part: data}
        return cls(data, {parts[: i + 1]: Place(place, 0, 0) for i in range(len(parts))}, [])


def _is_sealed(key: str) -> bool:
    """Whether a setting, or the group that holds it, may stand in the study's files only."""
    if key.split(".")[0] == "privacy":
        return not key.startswith("privacy.retention.")
    return key.split(".")[0] in ("data", "governance", "review")


class _Reader:
    """Turns a composed YAML tree into plain data and remembers the place of every value."""

    def __init__(self, name: str, variables: Mapping[str, str]) -> None:
        self._name, self._variables = name, variables
        self.places: dict[tuple[object, ...], Place] = {}
        self.problems: list[str] = []

    def value(self, node: Node, at: tuple[object, ...]) -> object:
        self.places.setdefault(at, self._place(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, at)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*at, i)) for i, child in enumerate(node.value)]
        return self._scalar(node)

    def plain(self, node: Node) -> object:
        """A value whose places nobody asks for, with its text as it is (no variables of the environment)."""
        if isinstance(node, MappingNode):
            return {str(key.value): self.plain(child) for key, child in node.value}
        if isinstance(node, SequenceNode):
            return [self.plain(child) for child in node.value]
        return self._scalar(node)

    def mapping(self, node: MappingNode, at: tuple[object, ...]) -> dict[str, object]:
        """The keys and values of a mapping; a key that stands there twice is a problem."""
        self.places.setdefault(at, self._place(node))
        result: dict[str, object] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in result:
                self.problems.append(f"{self._place(key_node)}: '{key}' stands here twice")
                continue
            self.places[(*at, key)] = self._place(key_node)
            result[key] = self.value(child, (*at, key))
        return result

    def _scalar(self, node: ScalarNode) -> object:
        text = str(node.value)
        if node.style is None and node.tag != "tag:yaml.org,2002:str":
            try:
                return scalar(node)
            except Unbounded as failure:
                self.problems.append(f"{self._name}:{failure}")
                return text
        missing = [name for name in _VARIABLE.findall(text) if name not in self._variables]
        for name in missing:
            self.problems.append(f"{self._place(node)}: the environment variable {name} is not set")
        return text if missing else _VARIABLE.sub(lambda found: self._variables[found.group(1)], text)

    def _place(self, node: Node) -> Place:
        return Place(self._name, node.start_mark.line + 1, node.start_mark.column + 1)


def _short(path: Path) -> str:
    """The path as a reader would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _merge(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    """Mappings merge key by key; everything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _say(error: ErrorDetails, layers: Sequence[_Layer], study: Path) -> str:
    """One line for one pydantic error: place, key, what is wrong, and the nearest known word."""
    location = tuple(error["loc"])
    place = _find(location, layers) or Place(_short(study), 1, 1)
    key = ".".join(str(part) for part in location if not str(part).startswith("<"))
    if error["type"] == "extra_forbidden":
        known = _known_words(location[:-1])
        return f"{place}: '{key}' is not a known setting; {nearest(str(location[-1]), known)}"
    if error["type"] == "missing":
        return f"{place}: '{key}' is missing"
    if error["type"] == "too_long":
        return f"{place}: {key}: at most {error['ctx']['max_length']} values, not {error['ctx']['actual_length']:,}"
    if error["type"] in ("enum", "literal_error"):
        hint = nearest(str(error["input"]), re.findall(r"'([^']*)'", str(error["ctx"]["expected"])), listed=False)
        return f"{place}: '{key}': {_plain(error['msg'])}{hint and '; '}{hint}"
    said = kind_told(error["type"], error["input"]) or _plain(error["msg"])
    return f"{place}: {key + ': ' if key else ''}{said}"


def _say_name(key: tuple[str | int, ...], said: str, layers: Sequence[_Layer], study: Path) -> str:
    """One line for a setting that names what is not there."""
    place = _find(key, layers) or Place(_short(study), 1, 1)
    return f"{place}: '{'.'.join(map(str, key))}': {said}"


def _plain(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _find(location: tuple[object, ...], layers: Sequence[_Layer]) -> Place | None:
    """The strongest layer's place for this key, or for the nearest key above it."""
    for length in range(len(location), 0, -1):
        for layer in reversed(layers):
            if location[:length] in layer.places:
                return layer.places[location[:length]]
    return None


def _known_words(location: Iterable[object]) -> list[str]:
    """The settings that are known at a place in the tree of models."""
    model: object = StudyConfig
    for part in location:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation)
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: object) -> object:
    """The settings model inside an annotation such as ``tuple[ResponsesConfig, ...]`` or ``X | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _in_order(lines: Iterable[str]) -> list[str]:
    """Sorted as a reader walks through the files: by file, then line, then column."""

    def position(line: str) -> tuple[str, int, int]:
        found = re.match(r"(.*?):(\d+):(\d+)", line)
        return (found.group(1), int(found.group(2)), int(found.group(3))) if found else (line, 0, 0)

    return sorted(lines, key=position)
