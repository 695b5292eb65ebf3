"""``python -m engine``: the engine's commands where the window is not installed."""

import sys

from engine.cli.interrupt import end_at_once

if __name__ == "__main__":
    end_at_once()
    from engine.cli.app import main

    sys.exit(main())
