"""What the benchmark of truth is made of: rows, and one module per kind of claim."""
