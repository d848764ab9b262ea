"""``python -m segment``: the command line."""

from segment.cli import main

main()
