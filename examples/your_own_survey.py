# %% [markdown]
# # Your own survey
#
# A table of answers with columns of your own names is enough: one row per person, numbers on a scale, empty where
# somebody did not answer. This one is made up, so that the page can be run anywhere; yours comes from
# `pd.read_csv(...)`. (A whole study, with its report for HR, starts with `segment init`.)

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(7)
wants = {"pay": ["q1", "q2", "q3"], "calm": ["q4", "q5", "q6"], "growth": ["q7", "q8", "q9"]}
kind = rng.choice(3, 400, p=[0.5, 0.3, 0.2])
use_of_scale = rng.normal(0, 0.7, (400, 1))
answers = 3 + 1.2 * np.repeat(np.eye(3)[kind], 3, axis=1) + use_of_scale + rng.normal(0, 0.7, (400, 9))
survey = pd.DataFrame(answers.round().clip(1, 5), columns=[code for codes in wants.values() for code in codes])
survey = survey.mask(rng.random(survey.shape) < 0.05)
survey.head(3)

# %% [markdown]
# Which question asks about which need, and from where to where its answers go:

# %%
need_map = {code: need for need, codes in wants.items() for code in codes}
scales = dict.fromkeys(survey, (1, 5))

# %% [markdown]
# What cannot be worked with is refused in words: what was expected, what came, where, and what to do. Nobody's answer
# is shown.

# %%
from segment.errors import InvalidInput
from segment.segments import NeedsMixture, SegmentSelector, TypingTool

for wrong in (survey.replace(5, 9), survey.rename(columns={"q4": "Q4"}), survey.replace(1, "never")):
    try:
        NeedsMixture(3, need_map=need_map, scales=scales).fit(wrong)
    except InvalidInput as refusal:
        print(refusal, end="\n\n")

# %% [markdown]
# How many segments, or none? On 400 people a few pairs of halves take seconds.

# %%
selector = SegmentSelector(range(2, 6), n_splits=8, n_starts=6, null_draws=8, need_map=need_map, scales=scales)
selector.fit(survey)
print(selector.reason_)
selector.need_profiles_.round(1)

# %% [markdown]
# New people do not move old ones. Somebody who skipped questions has a segment too, less surely:

# %%
newcomer = survey.head(2).copy()
newcomer.loc[newcomer.index[1], ["q1", "q2", "q4", "q5"]] = np.nan
selector.predict_proba(newcomer).round(1)

# %% [markdown]
# The few questions that tell somebody's segment nearly as well as all nine, tried on people they were not chosen with:

# %%
tool = TypingTool(n_items=5, sizes=(3, 5, 7), n_simulated=2000).fit(survey, selector.labels_)
print(tool.selected_items_)
tool.agreement_[["n_items", "agreement", "chance"]].round(1)

# %% [markdown]
# The same answers, dealt out anew question by question: nothing is left to find, and that is an answer too.

# %%
shuffled = survey.apply(lambda column: rng.permutation(column))
nothing = SegmentSelector(
    range(2, 6), families=["needs_mixture"], n_splits=8, n_starts=6, null_draws=8, need_map=need_map, scales=scales
).fit(shuffled)
print(nothing.reason_)
