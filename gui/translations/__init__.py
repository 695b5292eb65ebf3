"""The window in other languages: ``lens7_de.ts`` is for Qt Linguist, ``lens7_de.qm`` is what Qt loads."""

from pathlib import Path

FOLDER = Path(__file__).parent
