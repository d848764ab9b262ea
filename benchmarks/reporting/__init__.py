"""What every benchmark of claims shares: the command line, and how its tables are told."""
