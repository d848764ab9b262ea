# %% [markdown]
# # Simulate an organisation and find its segments
#
# Before a survey is fielded, or a method is trusted: an organisation whose answer is known. Five needs segments are
# really there, nobody's department tells which, and everyone uses the answer scale in a way of their own.

# %%
from segment.simulation import NEEDS, simulate_organisation

organisation = simulate_organisation(1500, seed=1, waves=1)
answers = organisation.responses["2023-03"].set_index("person_id")
importance = answers.filter(regex="^I_")
need_map = {code: code.split("_")[1] for code in importance}
len(importance), len(need_map), NEEDS

# %% [markdown]
# The search fits every number of segments, tries each on disjoint halves of the people and on worlds made by chance,
# and keeps one segment in the race. `verbose=1` says each step. Twenty pairs of halves and worlds are for a decision;
# here eight are enough to see how it goes.

# %%
from segment.segments import SegmentSelector

selector = SegmentSelector(
    range(2, 8), families=["needs_mixture"], n_splits=8, n_starts=6, null_draws=8, need_map=need_map, random_state=0
)
selector.fit(importance)
selector.n_segments_, selector.kind_, selector.reason_

# %% [markdown]
# Every number that was tried, with what it passed and what it failed:

# %%
selector.evidence_[["k", "smallest_share", "agreement", "agreement_chance", "failed", "chosen"]].round(2)

# %%
from segment.plots import ProfileDisplay, StabilityDisplay

StabilityDisplay.from_estimator(selector)

# %% [markdown]
# What each segment needs more (to the right) and less than other needs:

# %%
ProfileDisplay.from_estimator(selector)

# %% [markdown]
# The truth is known here, so the answer can be marked: 1 is the planted segments again, 0 what chance gives. k-means on
# the raw answers finds how people use the scale instead.

# %%
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

truth = organisation.truth.set_index("person_id").loc[answers.index]
raw = KMeans(5, n_init=5, random_state=0).fit_predict(importance.fillna(3))
{
    "found": round(adjusted_rand_score(truth["segment"], selector.labels_), 1),
    "k-means on raw answers": round(adjusted_rand_score(truth["segment"], raw), 1),
}
