"""How many CPUs there are for this process. NOTE: light: the doctor asks where a library may be missing."""

import os


def cpus_allowed() -> int:
    """Return on how many CPUs this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
