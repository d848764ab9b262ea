"""What the benchmark of retention is made of: data, rivals, and one module per kind of claim."""
