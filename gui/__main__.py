"""The command ``lens7``, and ``python -m gui``."""

import sys

from engine.cli.interrupt import end_at_once


def main() -> int:
    """Run ``lens7`` and return the exit status; Ctrl+C ends it without a word while it is being loaded, too."""
    end_at_once()
    from gui.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
