"""What has left before: the release ledger, and what two releases give away when they are held against each other."""
