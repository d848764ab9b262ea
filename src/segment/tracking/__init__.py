"""What runs found, for reviewers: neutral records, the MLflow log, the registry and serving."""
