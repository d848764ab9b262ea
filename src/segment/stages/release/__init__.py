"""What leaves the building: which tables, as what, under which control, and what left before."""
