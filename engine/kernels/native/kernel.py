"""One command of the native set while it is being written: its function, its record's fields, its share of the work."""

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.entries import command_name
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.native.values import Value
from engine.kernels.native.vectors import Vectors, vectors_for


class Kernel:
    """``void name(record, part, parts)``: executes part ``part`` of ``parts`` equal ones of the record's work."""

    def __init__(self, module: Module, isa: Isa, opcode: Opcode) -> None:
        self.module, self.isa, self.opcode = module, isa, opcode
        self.function: Function = module.function(
            command_name(opcode), ("record", "part", "parts"), exported=True
        )
        self.vectors: Vectors = vectors_for(self.function, isa)
        record, self.part, self.parts = self.function.arguments
        self.fields = self.function.fields(record + 8, FIELDS[opcode])

    def share(self, count: Value, granule: Value | int = 1) -> tuple[Value, Value]:
        """Return (start, stop): this part's range of ``count`` items, cut at multiples of ``granule``."""
        f = self.function
        granules = (count + granule - 1) // granule

        def cut(part: Value) -> Value:
            return f.smaller(granules * part // self.parts * granule, count)

        return cut(self.part), cut(self.part + 1)

    def share_where(self, here: Value, count: Value, granule: Value | int = 1) -> tuple[Value, Value]:
        """Return this part's range as ``share`` does where ``here`` holds, else that of all items."""
        f, (start, stop) = self.function, self.share(count, granule)
        return f.select(here, start, f.integer(0)), f.select(here, stop, count)
