"""What kernels calculate with: typed values whose operators write LLVM assembly, and variables."""

from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from engine.kernels.native.emit import Function

I1, I8, I16, I32, I64, F32, F64 = "i1", "i8", "i16", "i32", "i64", "float", "double"
Operand = Union["Value", int]


def vector(lanes: int, element: str) -> str:
    """Return the type of a vector of ``lanes`` elements."""
    return f"<{lanes} x {element}>"


def element_of(kind: str) -> str:
    """Return the element type of a vector type, or the type itself."""
    return kind[1:-1].split(" x ")[1] if kind.startswith("<") else kind


def lanes_of(kind: str) -> int:
    """Return how many elements a vector type has."""
    return int(kind[1:-1].split(" x ")[0])


class Value:
    """A typed SSA value or constant; operators emit instructions into its function."""

    __slots__ = ("function", "kind", "text")

    def __init__(self, function: "Function", kind: str, text: str) -> None:
        self.function, self.kind, self.text = function, kind, text

    def _binary(self, operation: str, other: Operand) -> "Value":
        other = self.function.constant(self.kind, other) if isinstance(other, int) else other
        return self.function.emit(self.kind, f"{operation} {self.kind} {self.text}, {other.text}")

    def _compare(self, predicate: str, other: Operand) -> "Value":
        other = self.function.constant(self.kind, other) if isinstance(other, int) else other
        kind = vector(lanes_of(self.kind), I1) if self.kind.startswith("<") else I1
        return self.function.emit(kind, f"icmp {predicate} {self.kind} {self.text}, {other.text}")

    def __add__(self, other: Operand) -> "Value":
        return self if other == 0 and isinstance(other, int) else self._binary("add", other)

    def __sub__(self, other: Operand) -> "Value":
        return self._binary("sub", other)

    def __mul__(self, other: Operand) -> "Value":
        return self._binary("mul", other)

    def __floordiv__(self, other: Operand) -> "Value":
        """Quotient of non-negative numbers."""
        return self._binary("udiv", other)

    def __mod__(self, other: Operand) -> "Value":
        """Remainder of non-negative numbers."""
        return self._binary("urem", other)

    def __and__(self, other: Operand) -> "Value":
        return self._binary("and", other)

    def __or__(self, other: Operand) -> "Value":
        return self._binary("or", other)

    def __xor__(self, other: Operand) -> "Value":
        return self._binary("xor", other)

    def __lshift__(self, other: Operand) -> "Value":
        return self._binary("shl", other)

    def __rshift__(self, other: Operand) -> "Value":
        """Arithmetic shift: floor."""
        return self._binary("ashr", other)

    def __lt__(self, other: Operand) -> "Value":
        return self._compare("slt", other)

    def __le__(self, other: Operand) -> "Value":
        return self._compare("sle", other)

    def __gt__(self, other: Operand) -> "Value":
        return self._compare("sgt", other)

    def __ge__(self, other: Operand) -> "Value":
        return self._compare("sge", other)

    def equals(self, other: Operand) -> "Value":
        """Return whether both are equal (``==`` stays Python's)."""
        return self._compare("eq", other)

    def differs(self, other: Operand) -> "Value":
        """Return whether they are not equal."""
        return self._compare("ne", other)


class Variable:
    """A value that changes: ``get`` and ``set``. LLVM keeps it in a register."""

    __slots__ = ("_function", "_kind", "_slot")

    def __init__(self, function: "Function", initial: Value) -> None:
        self._function, self._kind = function, initial.kind
        self._slot = function.stack_slot(initial.kind)
        self.set(initial)

    def get(self) -> Value:
        """Return the present value."""
        return self._function.emit(self._kind, f"load {self._kind}, ptr {self._slot}")

    def set(self, value: Value) -> None:
        """Replace the value."""
        self._function.line(f"store {self._kind} {value.text}, ptr {self._slot}")
