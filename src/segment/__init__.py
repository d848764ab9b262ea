"""Needs-based employee segmentation: drivers and wishes, retention, promises, and a safe way out."""

__version__ = "0.2.0"
