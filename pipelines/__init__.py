"""Prefect flows: order, names and notification; what is done to data stands in ``segment.stages``."""
