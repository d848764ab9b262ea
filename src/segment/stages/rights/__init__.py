"""What people may ask and how long they are kept: every store, all or nothing, and one event each."""
