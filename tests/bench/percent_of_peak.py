"""Percent of the measured peak by layer kind: `python -m tests.bench.percent_of_peak ARTIFACT`."""

import argparse
import sys
from pathlib import Path

from engine.emu.memory import DeviceMemory
from engine.kernels.native.host import this_host
from engine.kernels.select import open_kernels
from engine.program.artifact import DeviceSegment, read_artifact
from tests.bench.layers import by_kind
from tests.bench.peak import peak_macs_per_s, tile_peak_macs_per_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    opened = open_kernels("native", 1, options.cache)
    isa, host = opened.kernels.isa, this_host()
    peak = peak_macs_per_s(isa, host)
    print(f"{opened.note}: measured peak of the vector units {peak / 1e9:.0f} GMAC/s")
    tile_peak = tile_peak_macs_per_s(isa, host) if isa.tiles else None
    if tile_peak:
        print(f"measured peak of the tile unit {tile_peak / 1e9:.0f} GMAC/s")
    for segment in read_artifact(options.artifact).segments:
        if not isinstance(segment, DeviceSegment):
            continue
        executable = opened.kernels.prepare(segment.program, DeviceMemory(segment.program))
        executable.run()
        kinds = by_kind(segment.program, executable)
        total_us = sum(kind.us for kind in kinds.values())
        print(
            f"{'layers':44s} {'n':>4s} {'us':>8s} {'share':>6s} {'MMAC':>8s} {'GMAC/s':>7s} {'vectors':>8s} {'tiles':>6s}"
        )
        for name, kind in kinds.items():
            rate = kind.macs / kind.us * 1e6
            print(
                f"{name:44s} {kind.count:4d} {kind.us:8.1f} {kind.us / total_us:6.1%} {kind.macs / 1e6:8.1f} "
                f"{rate / 1e9:7.0f} {rate / peak:8.0%} {f'{rate / tile_peak:.0%}' if tile_peak else '-':>6s}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
