# %% [markdown]
# # Reading a comparison
#
# `segment compare STUDY` holds a challenger against the champion on one page. These are its questions, asked of two
# small models by hand: who would change segment, is the challenger better on people neither has seen, is that sure,
# and for whom is it worse?

# %%
import numpy as np
import pandas as pd

from segment.retention import HorizonModel, group_results
from segment.segments import NeedsMixture
from segment.simulation import simulate_organisation

organisation = simulate_organisation(3000, seed=1, waves=1)
answers = organisation.responses["2023-03"].set_index("person_id")
items = answers.filter(regex="^I_")
need_map = {code: code.split("_")[1] for code in items}

# %% [markdown]
# **Who moves?** The champion has four segments, the challenger five. Rows say where people are, columns where they
# would go, in hundredths of each row. A challenger that only splits a segment leaves the others alone.

# %%
champion, challenger = (NeedsMixture(k, n_init=6, need_map=need_map).fit(items) for k in (4, 5))
moves = pd.crosstab(champion.labels_, challenger.labels_, normalize="index")
moves.rename_axis(index="champion", columns="challenger").mul(100).round(-1).astype(int)

# %% [markdown]
# **What would the segments be?** The profiles of the challenger's:

# %%
from segment.plots import CalibrationDisplay, ProfileDisplay

ProfileDisplay.from_estimator(challenger)

# %% [markdown]
# **Is it better?** Both foretell who leaves of their own accord within a year of the survey; the challenger knows in
# addition how far needs are met. People are split once, and both are judged by the same people they have not seen.

# %%
people = organisation.people.drop_duplicates("person_id").set_index("person_id").loc[answers.index]
soon = pd.to_datetime(people["end_date"]) < pd.Timestamp("2024-03-15")
left = (soon & people["end_reason"].eq("voluntary")).astype(int).to_numpy()
experience = answers.filter(regex="^E_").mean(axis=1).rename("needs met")
plain = people[["contract", "hours", "salary_band"]]
rich = plain.join(experience)
seen = np.random.default_rng(0).random(len(left)) < 0.6
models = {"champion": (plain, HorizonModel("linear")), "challenger": (rich, HorizonModel("linear"))}
told = {name: model.fit(X[seen], left[seen]).predict(X[~seen]) for name, (X, model) in models.items()}
loss = {name: (p - left[~seen]) ** 2 for name, p in told.items()}
{name: round(float(one.mean()), 3) for name, one in loss.items()}

# %% [markdown]
# **Is that sure?** The difference is taken person by person, and people are drawn again: an interval that holds zero
# says that nobody can tell yet. `segment compare` does the same, and names the number of people it rests on.

# %%
gain = loss["champion"] - loss["challenger"]
draws = np.random.default_rng(1).choice(gain, (2000, len(gain))).mean(axis=1)
of_loss = 100 / loss["champion"].mean()
low, high = (round(float(of_loss * np.quantile(draws, at)), 1) for at in (0.025, 0.975))
f"{of_loss * gain.mean():.1f} % less loss, {low} to {high} (95 %), on {len(gain)} people"

# %% [markdown]
# It may help, and these people are too few to tell: a reviewer keeps the champion, or waits for another wave.
#
# **Does it mean what it says?** Of people who are given 20 %, do 20 % leave?

# %%
CalibrationDisplay.from_predictions(left[~seen], told["challenger"], bins=5, name="challenger")

# %% [markdown]
# **For whom is it worse?** Observed over expected by group, of attributes that no model may use; the last row of each
# is the difference between groups. Figures of too few people are not given.

# %%
by_group = [
    group_results(left[~seen], p, people.loc[~seen, ["sex"]]).query("metric == 'oe'").assign(model=name)
    for name, p in told.items()
]
pd.concat(by_group)[["model", "group", "value", "low", "high", "note"]].round(1).reset_index(drop=True)
