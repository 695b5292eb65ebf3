"""Random-shape trials in bulk: `python -m tests.engine.kernels.trials --trials 20000`."""

import argparse
import sys
import time
from collections import Counter

from engine.kernels.trials.cases import CASES
from engine.kernels.trials.judge import complaint
from tests.engine.kernels.sets import SET_NAMES, kernel_set


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SET_NAMES), choices=SET_NAMES)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trials", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    options = parser.parse_args()
    opened = {name: kernel_set(name, options.threads) for name in options.sets}
    counts: Counter[tuple[str, str]] = Counter()
    wrong, started = 0, time.monotonic()
    for trial in range(options.trials):
        seed = options.seed * 1_000_003 + trial
        case = options.cases[trial % len(options.cases)]
        program = CASES[case](seed)
        for name, kernels in opened.items():
            counts[name, case] += 1
            if problem := complaint(kernels, program, seed, extreme=trial % 5 == 0):
                wrong += 1
                print(f"{name} {case} seed {seed}: {problem}")
    for (name, case), count in sorted(counts.items()):
        print(f"{name:10s} {case:14s} {count}")
    print(f"{sum(counts.values())} trials, {wrong} wrong, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
