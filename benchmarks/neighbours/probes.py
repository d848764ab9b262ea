"""Fifteen points of convention of scikit-learn's field, each asked by running it.

Nothing of the project is imported here: the same file runs in the environment of every peer.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

FOLDS = KFold(2, shuffle=True, random_state=0)
#: Share of public names that must have an example, or types.
_NEARLY_ALL = 0.9


class Unmet(Exception):
    """What was asked is not so; the message says how."""


class NotAsked(Exception):
    """The point does not apply; the message says why."""


@dataclass(frozen=True)
class Subject:
    """One estimator with people it can learn from, and how its answer is read.

    ``tells`` turns a fitted estimator and people into numbers; ``fits`` where ``fit(X, y)`` is not its way; ``grid``
    two values of one parameter; ``wrong`` a value that a parameter cannot have; ``random`` whether chance takes part;
    ``beside`` what ``fit`` needs beside people and target.
    """

    name: str
    make: Callable[[], Any]
    X: pd.DataFrame
    y: Any
    tells: Callable[[Any, pd.DataFrame], Any]
    grid: dict[str, list[Any]]
    wrong: dict[str, Any]
    random: bool = True
    weighed: bool = True
    fits: Callable[[Any, pd.DataFrame, Any], Any] | None = None
    beside: dict[str, Any] = field(default_factory=dict)

    def fitted(self, X: pd.DataFrame | None = None) -> Any:
        return self.learned(self.make(), X)

    def learned(self, one: Any, X: pd.DataFrame | None = None) -> Any:
        people = self.X if X is None else X
        return self.fits(one, people, self.y) if self.fits else one.fit(people, self.y, **self.beside)

    def told(self, one: Any, X: pd.DataFrame | None = None) -> np.ndarray:
        return np.asarray(self.tells(one, self.X if X is None else X), dtype=float)


@dataclass(frozen=True)
class Library:
    """A package: what it is imported as, its public modules, and its estimators here."""

    package: str
    modules: tuple[str, ...]
    subjects: tuple[Subject, ...]


def clones(one: Subject) -> None:
    """get_params, set_params and clone: parameters go round unchanged, and a clone is not fitted."""
    made = one.make()
    before = made.get_params()
    again = clone(made.set_params(**made.get_params(deep=False))).get_params()
    if set(before) != set(again):
        raise Unmet("a clone has other parameters")


def refuses_parameters(one: Subject) -> None:
    """A parameter that cannot be worked with is refused by its name, when it is fitted."""
    for name, value in one.wrong.items():
        made = one.make().set_params(**{name: value})
        said = refusal(
            lambda made=made: one.fits(made, one.X, one.y) if one.fits else made.fit(one.X, one.y, **one.beside)
        )
        if said is None:
            raise Unmet(f"{name}={value!r} is taken")
        if name not in said:
            raise Unmet(f"{name}={value!r} is refused without the parameter's name: {said}")


def in_a_pipeline(one: Subject) -> None:
    """Behind a step of a Pipeline it is fitted and says what it says alone."""
    chain = make_pipeline(FunctionTransformer(), one.make())
    chain.fit(one.X, one.y, **{f"{chain.steps[-1][0]}__{name}": value for name, value in one.beside.items()})
    same(one.told(chain[-1]), one.told(one.fitted()), "another answer in a pipeline than alone")


def scores_over_folds(one: Subject) -> None:
    """cross_val_score: a finite score per fold, without a scorer of one's own."""
    if not hasattr(one.make(), "score"):
        if hasattr(one.make(), "transform"):
            raise NotAsked("it transforms, and has nothing to score")
        raise Unmet("no score")
    scores = cross_val_score(one.make(), one.X, one.y, cv=FOLDS, error_score="raise")
    if not np.isfinite(scores).all():
        raise Unmet("scores are not finite")


def in_a_grid(one: Subject) -> None:
    """GridSearchCV chooses among two values of a parameter."""
    if not hasattr(one.make(), "score"):
        if hasattr(one.make(), "transform"):
            raise NotAsked("it transforms, and has nothing to score")
        raise Unmet("no score")
    found = GridSearchCV(one.make(), one.grid, cv=FOLDS, error_score="raise").fit(one.X, one.y)
    if not np.isfinite(found.best_score_):
        raise Unmet("no best score")


def takes_tables(one: Subject) -> None:
    """A DataFrame is taken, left as it is, and one that transforms gives one back (set_output)."""
    before = one.X.copy(deep=True)
    fitted = one.fitted()
    one.told(fitted)
    if not one.X.equals(before):
        raise Unmet("the table was changed")
    if hasattr(fitted, "transform"):
        if not hasattr(fitted, "set_output"):
            raise Unmet("no set_output")
        given = fitted.set_output(transform="pandas").transform(one.X)
        if not isinstance(given, pd.DataFrame) or not given.index.equals(one.X.index):
            raise Unmet("set_output gives no table with the same rows")


def names_features(one: Subject) -> None:
    """feature_names_in_ and n_features_in_ after a fit on a table."""
    fitted = one.fitted()
    lacking = [name for name in ("feature_names_in_", "n_features_in_") if not hasattr(fitted, name)]
    if lacking:
        raise Unmet(f"no {' and no '.join(lacking)}")
    if list(fitted.feature_names_in_) != list(one.X.columns) or fitted.n_features_in_ != one.X.shape[1]:
        raise Unmet("they are not the table's columns")


def weighs(one: Subject) -> None:
    """sample_weight in fit: doubling every weight changes nothing, weighing people otherwise does."""
    if not one.weighed:
        raise NotAsked("nothing is averaged over people")
    uneven = np.where(np.arange(len(one.X)) % 3 == 0, 3.0, 0.5)
    try:
        told = [
            one.told(one.make().fit(one.X, one.y, sample_weight=weight, **one.beside))
            for weight in (np.ones(len(one.X)), np.full(len(one.X), 2.0), uneven)
        ]
    except TypeError as fault:
        raise Unmet(f"fit takes no sample_weight ({first_line(fault)})") from None
    same(told[0], told[1], "doubling every weight changes the answer", 1e-5)
    if told[0].shape == told[2].shape and np.allclose(told[0], told[2], rtol=1e-6, atol=1e-9):
        raise Unmet("weights change nothing")


def repeats(one: Subject) -> None:
    """random_state: the same seed gives the same answer, to the last bit."""
    if not one.random:
        raise NotAsked("nothing is left to chance")
    first, second = (one.told(one.fitted()) for _ in range(2))
    if first.tobytes() != second.tobytes():
        seeded = "random_state" in one.make().get_params()
        raise Unmet("two fits with one seed differ" if seeded else "no random_state, and two fits differ")


def travels(one: Subject) -> None:
    """Pickled and read again it says the same."""
    fitted = one.fitted()
    same(one.told(pickle.loads(pickle.dumps(fitted))), one.told(fitted), "another answer after pickling", 0.0)


def refuses_infinity(one: Subject) -> None:
    """A gap is worked with or refused, infinity is refused: with a ValueError and a sentence about it."""
    for value, words in ((np.nan, ("nan", "missing", "null", "gap")), (np.inf, ("inf",))):
        broken = one.X.copy()
        place = next(at for at in range(broken.shape[1]) if broken.dtypes.iloc[at].kind == "f")
        broken.iloc[3, place] = value
        said = refusal(lambda broken=broken: one.told(one.fitted(broken), broken))
        if said is None and np.isnan(value):
            continue
        if said is None:
            raise Unmet("infinity is taken")
        if not any(word in said.lower() for word in words):
            raise Unmet(f"{value} is refused in other words: {said}")


def refuses_columns(one: Subject) -> None:
    """People without a column, or with another name for it, are refused by that name."""
    fitted, gone = one.fitted(), str(one.X.columns[1])
    for what, X in (
        ("a missing column", one.X.drop(columns=gone)),
        ("a renamed column", one.X.rename(columns={gone: "other"})),
    ):
        said = refusal(lambda X=X: one.told(fitted, X))
        if said is None:
            raise Unmet(f"{what} is taken")
        if gone not in said:
            raise Unmet(f"{what} is refused without its name: {said}")


def asks_for_a_fit(one: Subject) -> None:
    """Before fit it says so, with scikit-learn's NotFittedError."""
    try:
        one.told(one.make())
    except NotFittedError:
        return
    except Exception as fault:
        raise Unmet(f"{type(fault).__name__} instead of NotFittedError: {first_line(fault)}") from None
    raise Unmet("it answers without having been fitted")


def shows_examples(library: Library) -> None:
    """Docstrings of public classes and functions have an example."""
    offered = dict(public(library))
    without = [name for name, one in offered.items() if ">>>" not in (inspect.getdoc(one) or "")]
    share = 1 - len(without) / len(offered)
    if share < _NEARLY_ALL:
        raise Unmet(f"{100 * share:.0f} % of {len(offered)} names have one; not {', '.join(sorted(without)[:5])}")


def draws(library: Library) -> None:
    """Pictures as displays: a class ...Display with from_estimator or from_predictions, and plot."""
    found = [
        name
        for name, one in public(library)
        if inspect.isclass(one)
        and name.endswith("Display")
        and hasattr(one, "plot")
        and (hasattr(one, "from_estimator") or hasattr(one, "from_predictions"))
    ]
    if not found:
        raise Unmet("no such class")


def is_typed(library: Library) -> None:
    """py.typed beside the package, and types on the arguments of public names."""
    if not any(Path(str(folder), "py.typed").is_file() for folder in importlib.import_module(library.package).__path__):
        raise Unmet("no py.typed")
    open_ones, counted = [], 0
    for name, one in public(library):
        try:
            parameters = [p for p in inspect.signature(one).parameters.values() if p.name != "self"]
        except (TypeError, ValueError):
            continue
        counted += 1
        open_ones += [name] if any(p.annotation is p.empty for p in parameters) else []
    if len(open_ones) > (1 - _NEARLY_ALL) * counted:
        raise Unmet(f"{len(open_ones)} of {counted} names have arguments without a type")


#: Fifteen points: title, how many hold it together, and what is asked of each estimator or of the library.
OF_ESTIMATORS: dict[str, Callable[[Subject], None]] = {
    "clone, get_params, set_params": clones,
    "wrong parameters refused by name": refuses_parameters,
    "in a Pipeline": in_a_pipeline,
    "cross_val_score": scores_over_folds,
    "GridSearchCV": in_a_grid,
    "tables in and out": takes_tables,
    "feature_names_in_": names_features,
    "sample_weight": weighs,
    "random_state repeats": repeats,
    "pickling": travels,
    "gaps and infinity": refuses_infinity,
    "wrong columns refused by name": refuses_columns,
    "NotFittedError": asks_for_a_fit,
}
OF_LIBRARIES: dict[str, Callable[[Library], None]] = {
    "examples in docstrings": shows_examples,
    "displays": draws,
}
#: Beyond the fifteen, for who reads code.
BESIDE: dict[str, Callable[[Library], None]] = {"types (beside the fifteen)": is_typed}


def asked(library: Library) -> list[dict[str, str]]:
    """One row per point: ``point``, ``held`` (yes, no, part, or - where it does not apply) and ``why``."""
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for title, probe in OF_ESTIMATORS.items():
            said = {one.name: outcome(probe, one) for one in library.subjects}
            counted = {name: why for name, (state, why) in said.items() if state != "-"}
            missed = {name: why for name, why in counted.items() if said[name][0] == "no"}
            held = "-" if not counted else "yes" if not missed else "no" if len(missed) == len(counted) else "part"
            why = "; ".join(f"{name}: {text}" for name, text in missed.items())
            if held == "-":
                why = next(iter(said.values()))[1]
            rows.append({"point": title, "held": held, "why": why})
        for title, probe in {**OF_LIBRARIES, **BESIDE}.items():
            state, why = outcome(probe, library)
            rows.append({"point": title, "held": state, "why": why})
    return rows


def outcome(probe: Callable[[Any], None], one: Any) -> tuple[str, str]:
    """Whether a point holds of one subject: yes, no or - (it does not apply), and why not."""
    try:
        probe(one)
    except NotAsked as why:
        return "-", str(why)
    except Unmet as why:
        return "no", str(why)
    except Exception as fault:
        return "no", f"{type(fault).__name__}: {first_line(fault)}"
    return "yes", ""


def public(library: Library) -> Iterator[tuple[str, Any]]:
    """Classes and functions that the public modules of a library offer, each once."""
    seen = set()
    for module in library.modules:
        offered = importlib.import_module(module)
        listed = getattr(offered, "__all__", None)
        for name in listed or [n for n in dir(offered) if n[0] != "_"]:
            one = getattr(offered, name, None)
            home = str(getattr(one, "__module__", ""))
            own = home.split(".")[0] == library.package and (listed is not None or home.startswith(module))
            if own and (inspect.isclass(one) or inspect.isfunction(one)) and id(one) not in seen:
                seen.add(id(one))
                yield name, one


def refusal(call: Callable[[], Any]) -> str | None:
    """What a ValueError, TypeError or KeyError says, in one line; None: nothing is refused. Other faults go on."""
    try:
        call()
    except (ValueError, TypeError, KeyError) as fault:
        return " ".join(str(fault).split())
    return None


def same(first: np.ndarray, second: np.ndarray, otherwise: str, tolerance: float = 1e-9) -> None:
    if first.shape != second.shape or not np.allclose(first, second, rtol=tolerance, atol=tolerance, equal_nan=True):
        raise Unmet(otherwise)


def first_line(fault: BaseException) -> str:
    return (str(fault).strip().splitlines() or [""])[0][:140]


def version(library: Library, distribution: str) -> str:
    """What a library calls itself, or what it was installed as."""
    own = getattr(importlib.import_module(library.package), "__version__", "")
    return str(own) or metadata.version(distribution)
