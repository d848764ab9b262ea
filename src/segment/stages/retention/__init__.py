"""How staying is learned in a study: over time, from durations or from one flag, and what it is judged by."""
