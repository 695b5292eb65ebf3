"""The AMX tile unit: eight tiles of up to 16 rows of 64 bytes, and its instructions."""

from engine.kernels.native.emit import Function
from engine.kernels.native.values import I8, Value


class TileUnit:
    """The instructions of the tile unit, written into one function. Tile numbers are fixed when code is written."""

    def __init__(self, f: Function) -> None:
        self.f = f

    def _call(self, name: str, *arguments: Value) -> None:
        self.f.call(f"llvm.x86.{name}", "void", arguments)

    def _tile(self, number: int) -> Value:
        return self.f.constant(I8, number)

    def configure(self, address: Value) -> None:
        """Take rows and row bytes of all tiles from 64 bytes of memory; the tiles become zero."""
        self._call("ldtilecfg", self.f.pointer(address))

    def load(self, tile: int, address: Value, stride: Value) -> None:
        """Read a tile's rows, ``stride`` bytes apart."""
        self._call("tileloadd64", self._tile(tile), self.f.pointer(address), stride)

    def store(self, tile: int, address: Value, stride: Value) -> None:
        """Write a tile's rows, ``stride`` bytes apart."""
        self._call("tilestored64", self._tile(tile), self.f.pointer(address), stride)

    def dot(self, acc: int, a: int, b: int, signed: bool) -> None:
        """Add the products of a, ``signed`` or not, and signed b to acc."""
        name = "tdpbssd" if signed else "tdpbusd"
        self._call(name, self._tile(acc), self._tile(a), self._tile(b))

    def release(self) -> None:
        """Put the unit into its initial state."""
        self._call("tilerelease")
