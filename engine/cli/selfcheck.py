"""``lens7 selfcheck``: is every kernel set still the law?"""

import typer

from engine.cli import options as o
from engine.cli.output import print_json, print_table
from engine.runtime.selfcheck import self_check


def selfcheck(json: o.Json = False) -> None:
    """Hold every kernel set against the reference, and the reference against its golden digests."""
    verdict = self_check(o.cache_dir())
    if json:
        print_json(verdict.document())
    else:
        print_table(("part", "verdict"), [*verdict.kernels.items(), ("golden", verdict.golden)], "Self-check")
    if not verdict.passed:
        raise typer.Exit(1)
