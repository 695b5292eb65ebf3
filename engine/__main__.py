"""``python -m engine``: the engine's commands where the window is not installed."""

import sys

from engine.cli.app import main

sys.exit(main())
