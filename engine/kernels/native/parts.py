"""Compiles a kernel set part by part; the first in a process of its own, beside that of the self-test.

That process writes the object file, behind its length, to standard output. It imports as little as it can.
"""

import sys

from engine.kernels.native import assembly, build
from engine.kernels.native.host import Host, this_host
from engine.kernels.native.isa import Isa, named


def compile_part(isa: Isa, host: Host, number: int) -> bytes:
    """Return the object file of one of the parts."""
    return build.compile_object(assembly.PARTS[number](isa), build.target_machine(isa, host))


def compile_set(isa: Isa, host: Host) -> bytes:
    """Return the object files of all parts, joined."""
    return build.join_parts([compile_part(isa, host, number) for number in range(len(assembly.PARTS))])


def main() -> int:
    """Compile the first part of the set named on the command line."""
    sys.stdout.buffer.write(build.join_parts([compile_part(named(sys.argv[1]), this_host(), 0)]))
    return 0
