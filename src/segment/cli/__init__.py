"""The command line: small verbs around stages; everything heavy is imported inside the verb that needs it."""

from __future__ import annotations

from segment.cli.base import FAILED, REFUSED, app

# Help lists verbs in the order in which these are read.
# isort: split
from segment.cli import studies

# isort: split
from segment.cli import decisions

# isort: split
from segment.cli import rights

# isort: split
from segment.cli import operations

__all__ = [
    "FAILED", "REFUSED", "app", "decisions", "main", "operations", "rights", "studies",
]  # fmt: skip


def main() -> None:
    """Run the command line."""
    app()
