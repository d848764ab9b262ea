"""Who may do what, and what stays on record: keys, decisions, grants, the event log, and people who stay out."""
