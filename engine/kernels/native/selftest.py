"""Compiles a kernel set and tries it against the reference, in a process of its own.

A CPU that lacks an instruction, or a defect in generated code, kills the process that executes it: this one, not the
application. Exit status 0: ``out`` holds the object code. 3: the code is wrong; the reason is on standard error.
"""

import argparse
import sys
from pathlib import Path

from engine.kernels.native import assembly, build
from engine.kernels.native.host import this_host
from engine.kernels.native.isa import ISAS
from engine.kernels.native.kernel_set import NativeSet
from engine.kernels.trials.judge import first_complaint

WRONG = 3
TRIALS_EACH = 6


def main(arguments: list[str] | None = None) -> int:
    """Build and test the set named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("isa", choices=[isa.name for isa in ISAS])
    parser.add_argument("out", type=Path)
    options = parser.parse_args(arguments)
    host = this_host()
    isa = next(isa for isa in ISAS if isa.name == options.isa)
    code = build.compile_object(assembly.emit_set(isa), build.target_machine(isa, host))
    library = build.load_object(code, build.target_machine(isa, host))
    if wrong := first_complaint(NativeSet(isa, library), TRIALS_EACH):
        sys.stderr.write(wrong + "\n")
        return WRONG
    options.out.write_bytes(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
