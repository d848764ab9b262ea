"""What may leave about groups: the release rules, what is hidden for them, attacks on it, and the release ledger."""
