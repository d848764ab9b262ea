# %% [markdown]
# # Retention without leaks
#
# The usual mistakes make a model of leaving look splendid on paper: rows of the same years on both sides of a split,
# attributes that are known only once somebody has left, people already employed counted as if they had been watched
# from their first day. Here is the way around each of them.

# %%

from segment.retention import HazardModel, evaluate, leakage_findings, spells_from_dates, split_by_time
from segment.simulation import simulate_organisation

people = simulate_organisation(1200, seed=2, waves=1).people.query("relation == 'employee'")
people = people.drop_duplicates("person_id").set_index("person_id")
people[["start_date", "end_date", "end_reason"]].head(3)

# %% [markdown]
# Months of tenure, from the day watching began: who was employed by then enters with the tenure of that day.

# %%
window = {"window_start": "2020-01-01", "window_end": "2024-12-31"}
spells = spells_from_dates(people, **window)
spells.describe().loc[["min", "mean", "max"]].round(1)

# %% [markdown]
# An attribute that knows the outcome is found before anything is learned. This one was written down after people had
# left:

# %%
X = people.loc[spells.index, ["function", "contract", "hours", "salary_band", "manager_span"]]
told = X.assign(exit_interview=(spells["event"] > 0).map({True: 1.0, False: None}).astype(float))
leakage_findings(told, spells["event"])[["code", "subject", "explanation"]].to_dict("records")

# %% [markdown]
# Tested on later time, never on random rows: learned from what was known before 2024, judged by what came after.

# %%
train, test = split_by_time(people, cut="2024-01-01", **window)
model = HazardModel("linear", random_state=0).fit(X.loc[train.index], train)
len(train), len(test), model.causes_

# %% [markdown]
# Beside it what one would say without a model (Kaplan-Meier) and with the plainest one (Cox); 0.5 is chance. Every
# figure has its interval.

# %%
judged = evaluate(
    model, X.loc[test.index], test, train=(X.loc[train.index], train), horizons=(6, 11), sample="hold-out", n_boot=50
)
rows = judged.metrics[judged.metrics["metric"].isin(["uno", "oe_11"])]
rows[["model", "metric", "value", "low", "high", "n"]].round(2).reset_index(drop=True)

# %% [markdown]
# What HR knows of a job adds nothing here to what tenure alone tells: a finding as well. The same model judged by the
# rows it learned from looks splendid, and that figure is often shown:

# %%
own = evaluate(model, X.loc[train.index], train, horizons=(11,), sample="training", n_boot=0)
{"training": round(own.value("uno"), 2), "hold-out": round(judged.value("uno"), 2)}

# %% [markdown]
# Of people who are given 20 %, do 20 % leave? And the mean curve that is foretold, by kind of contract:

# %%
from segment.plots import CalibrationDisplay, CurveDisplay

CalibrationDisplay.from_estimator(model, X.loc[test.index], test, months=11)

# %%
CurveDisplay.from_estimator(model, X.loc[test.index], range(0, 61, 6), groups=X.loc[test.index, "contract"])
