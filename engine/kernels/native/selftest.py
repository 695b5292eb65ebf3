"""Compiles a kernel set and tries it against the reference, in a process of its own.

A CPU that lacks an instruction, or a defect in generated code, kills the process that executes it: this one, not the
application. Exit status 0: ``out`` holds the object code. 3: the code is wrong; the reason is on standard error. 4: the
first part, which another process was compiling meanwhile, did not arrive on standard input.
"""

import argparse
import sys
from pathlib import Path

from engine.kernels.native import build
from engine.kernels.native.host import Host, this_host
from engine.kernels.native.isa import ISAS, Isa, named
from engine.kernels.native.kernel_set import NativeSet
from engine.kernels.native.parts import compile_part, compile_set
from engine.kernels.native.trust import INCOMPLETE, WRONG
from engine.kernels.trials.judge import first_complaint

TRIALS_EACH = 6


def main(arguments: list[str] | None = None) -> int:
    """Build and test the set named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("isa", choices=[isa.name for isa in ISAS])
    parser.add_argument("out", type=Path)
    parser.add_argument("--beside", action="store_true", help="the first part arrives on standard input")
    options = parser.parse_args(arguments)
    host, isa = this_host(), named(options.isa)
    code = _compile_beside(isa, host) if options.beside else compile_set(isa, host)
    if code is None:
        return INCOMPLETE
    if wrong := first_complaint(NativeSet(isa, build.load_set(code, isa, host)), TRIALS_EACH):
        sys.stderr.write(wrong + "\n")
        return WRONG
    options.out.write_bytes(code)
    return 0


def _compile_beside(isa: Isa, host: Host) -> bytes | None:
    """Return the set's object code, its first part from standard input; None if that is not whole."""
    second = compile_part(isa, host, 1)
    try:
        (first,) = build.split_parts(sys.stdin.buffer.read())
    except ValueError:
        return None
    return build.join_parts([first, second])


if __name__ == "__main__":
    sys.exit(main())
