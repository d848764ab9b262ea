"""The command line, as ``segment`` and ``python -m segment``; what is pressed while it is read in is answered."""

from __future__ import annotations

from segment.interruptions import as_python_does, say_when_ended


def main() -> None:
    """Run the command line."""
    say_when_ended()
    from segment.cli import main as run  # takes a while on a busy machine, in which a signal may come

    as_python_does()
    run()


if __name__ == "__main__":
    main()
