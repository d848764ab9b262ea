# %% [markdown]
# # Safe tables
#
# A figure about a group of three is a figure about persons, also when it can only be worked out from others. `release`
# hides small groups, and the groups without which they could be worked out, and hands on nothing else.

# %%
import pandas as pd

from segment.errors import RefusedRelease
from segment.privacy import ReleaseRules, release

means = pd.DataFrame(
    {
        "segment": [0, 1, 2, 3, None],
        "people": [140, 61, 22, 4, 227],
        "pay": [3.21, 2.87, 3.90, 1.25, 3.15],
    }
)
table = release("pay", means, groups=["segment"], count="people", means=["pay"])
table.frame

# %% [markdown]
# Segment 3 is under its floor. With the total and the other three its mean could be subtracted out, so a second one is
# hidden as well. The floors:

# %%
rules = ReleaseRules()
{name: value for name, value in rules.as_dict().items() if name.startswith("min_")}

# %% [markdown]
# Shares of people fall under a higher floor, and are never shown as nobody or everybody:

# %%
leaving = pd.DataFrame({"segment": [0, 1, None], "people": [120, 60, 180], "left": [0.0, 0.31, 0.103]})
release("leaving", leaving, groups=["segment"], count="people", shares=["left"]).frame

# %% [markdown]
# Rows about single people do not leave this way at all:

# %%
try:
    release("cards", pd.DataFrame({"person": ["a", "b"], "people": [1, 1]}), groups=["person"], count="people")
except RefusedRelease as refusal:
    print(refusal)

# %% [markdown]
# Two tables that share people are looked at together: departments within segments, with both totals.

# %%
crossed = pd.DataFrame(
    [
        (0, "North", 50, 3.1), (0, "South", 45, 3.4), (0, None, 95, 3.24),
        (1, "North", 40, 2.8), (1, "South", 3, 4.9), (1, None, 43, 2.95),
        (None, "North", 90, 2.97), (None, "South", 48, 3.49), (None, None, 138, 3.15),
    ],
    columns=["segment", "department", "people", "pay"],
)  # fmt: skip
release("crossed", crossed, groups=["segment", "department"], count="people", means=["pay"]).frame
