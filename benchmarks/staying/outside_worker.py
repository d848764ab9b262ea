"""One model of another tool, in that tool's own environment: ``python outside_worker.py MODEL QUESTION ANSWER``.

Imports only what its environment has; the project is not among that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

Arrays = dict[str, np.ndarray]


def steps(times: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Step functions at the times asked for: the last value at or before each, one before the first."""
    place = np.searchsorted(times, asked, side="right")
    return np.hstack([np.ones((len(values), 1)), values])[:, place]


def sksurv(make: Callable[[], object]) -> Callable[[Arrays], Arrays]:
    """A scikit-survival model; these know no entry, so tenure is counted from hire for everyone."""

    def run(given: Arrays) -> Arrays:
        outcome = np.array(
            [(bool(e), float(t)) for e, t in zip(given["event"] > 0, given["exit"], strict=True)],
            dtype=[("event", bool), ("time", float)],
        )
        model = make().fit(given["X"], outcome)
        times = model.unique_times_
        values = model.predict_survival_function(given["X_new"], return_array=True)
        return {"survival": steps(times, values, given["months"])}

    return run


def coxnet() -> object:
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    return CoxPHSurvivalAnalysis(alpha=1.0)


def boosting() -> object:
    from sksurv.ensemble import GradientBoostingSurvivalAnalysis

    return GradientBoostingSurvivalAnalysis(random_state=0, n_estimators=100, learning_rate=0.1, max_depth=2)


def forest() -> object:
    from sksurv.ensemble import RandomSurvivalForest

    return RandomSurvivalForest(200, min_samples_leaf=15, random_state=0, low_memory=False)


def survival_boost(given: Arrays) -> Arrays:
    """hazardous' SurvivalBoost: competing risks, no entry."""
    import pandas as pd
    from hazardous import SurvivalBoost

    outcome = pd.DataFrame({"event": given["event"].astype(int), "duration": given["exit"].astype(float)})
    model = SurvivalBoost(random_state=0, n_iter=50).fit(given["X"], outcome)
    told = model.predict_cumulative_incidence(given["X_new"], times=given["months"])
    return {"survival": told[:, 0], "incidence": told[:, 1]}


def cox_with_entry(given: Arrays) -> Arrays:
    """lifelines' Cox with ``entry_col``: its own survival function, and the same hazard added up over time.

    ``survival`` is the tool's own, from its own baseline; ``survival_breslow`` uses its coefficients with Breslow's
    baseline over risk sets that honour entry.
    """
    import pandas as pd
    from lifelines import CoxPHFitter

    names = [f"x{k}" for k in range(given["X"].shape[1])]
    table = pd.DataFrame(given["X"], columns=names).assign(
        entry=given["entry"], exit=given["exit"], left=(given["event"] > 0).astype(int)
    )
    model = CoxPHFitter(penalizer=0.001).fit(table, "exit", "left", entry_col="entry")
    fresh = pd.DataFrame(given["X_new"], columns=names)
    own = model.predict_survival_function(fresh, times=given["months"]).T.to_numpy()
    coef = model.params_.to_numpy()
    force = np.exp(given["X"] @ coef)
    times = np.unique(given["exit"][given["event"] > 0])
    entered = np.sort(given["entry"]), np.cumsum(force[np.argsort(given["entry"])])
    gone = np.sort(given["exit"]), np.cumsum(force[np.argsort(given["exit"])])
    joined = np.r_[0.0, entered[1]][np.searchsorted(entered[0], times, side="left")]
    left = np.r_[0.0, gone[1]][np.searchsorted(gone[0], times, side="left")]
    events = np.array([np.sum((given["exit"] == t) & (given["event"] > 0)) for t in times])
    hazard = np.r_[0.0, np.cumsum(events / np.maximum(joined - left, 1e-9))]
    base = hazard[np.searchsorted(times, given["months"], side="right")]
    return {"survival": own, "survival_breslow": np.exp(-np.exp(given["X_new"] @ coef)[:, None] * base)}


def hidden_chain(given: Arrays) -> Arrays:
    """hmmlearn's chain on symbols, with the chances of symbols held fixed (``emission``: states x symbols).

    ``symbols`` of all people one after another, ``lengths`` of each; the answer holds ``moves``, states x states, alike
    in all steps. The tool has no standard errors.
    """
    from hmmlearn.hmm import CategoricalHMM

    k, symbols = given["emission"].shape
    model = CategoricalHMM(k, n_features=symbols, params="st", init_params="", n_iter=200, tol=1e-3)
    model.startprob_, model.transmat_ = np.full(k, 1 / k), 0.9 * np.eye(k) + 0.1 / k
    model.emissionprob_ = given["emission"]
    model.fit(given["symbols"][:, None], given["lengths"])
    return {"moves": model.transmat_}


MODELS: dict[str, Callable[[Arrays], Arrays]] = {
    "cox": sksurv(coxnet),
    "gradient boosting": sksurv(boosting),
    "random survival forest": sksurv(forest),
    "SurvivalBoost": survival_boost,
    "cox with entry": cox_with_entry,
    "hidden chain": hidden_chain,
}


def main(model: str, question: str, answer: str) -> None:
    with np.load(question) as file:
        given = {key: file[key] for key in file.files}
    begun = time.process_time()
    told = MODELS[model](given)
    np.savez(answer, cpu=np.array(time.process_time() - begun), **told)


if __name__ == "__main__":
    main(*sys.argv[1:4])
