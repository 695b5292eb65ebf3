"""Stands for the float process, and misbehaves as its task says: ``python -m tests.gui.compare.fake_processes``."""

import os
import sys

from gui.compare.child import begin, say

READY = {"input_hw": [2, 2], "classes": 3, "labels": ["a", "b", "c"]}


def main() -> int:
    task, source, output = begin()
    kind = task["model"]
    if kind == "dies":
        return 3
    if kind == "babbles":
        output.write(b"<html>\n")
    elif kind == "lies":
        say(output, READY | {"classes": -1})
    elif kind == "complains":
        say(output, {"error": "out of luck"})
    elif kind == "dies_at_work":
        say(output, READY)
        source.read(12)
        return 4
    elif kind == "waits":
        say(output, READY)
        source.read()
    elif kind == "chatters":
        print("a library greets its user", flush=True)
        os.write(1, b"and so does its C part\n")
        say(output, {"ready": True})
        source.read()
    output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
