"""Writes LLVM assembly: functions with records, loops and branches as ``with`` blocks. Knows no CPU.

Scalars are i64 and addresses are i64 too, so that kernels read like integer arithmetic on bytes. Variables that change
inside a loop are ``Variable``s: stack slots that LLVM turns into registers.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from engine.kernels.native.values import (
    F32,
    F64,
    I32,
    I64,
    Operand,
    Value,
    Variable,
    element_of,
    lanes_of,
    vector,
)

# How LLVM is told that a function other modules know is called like one of this module, not through a table.
_DIRECT = "dso_local "
# ``Function.when``, or what ``Function.first_of`` yields: begins the block for a condition.
Case = Callable[[Value], AbstractContextManager[None]]


class Module:
    """Functions, constant data and the declarations they need."""

    def __init__(self) -> None:
        self._functions: dict[str, Function] = {}
        self._declarations: dict[str, str] = {}

    def function(
        self, name: str, parameters: Sequence[str], result: str = "void", exported: bool = False
    ) -> "Function":
        """Return a new function with i64 parameters of the given names."""
        assert name not in self._functions, name
        self._functions[name] = Function(self, name, parameters, result, exported)
        return self._functions[name]

    def declare(self, name: str, result: str, kinds: Sequence[str]) -> None:
        """Note that an intrinsic, or a function that another module may have, is used."""
        self._declarations[name] = f"declare {result} @{name}({', '.join(kinds)})"

    def text(self) -> str:
        """Return the module as LLVM assembly."""
        foreign = (text for name, text in self._declarations.items() if name not in self._functions)
        return "\n".join([*foreign, *(f.text() for f in self._functions.values())])


class Function:
    """One function being written. Kernels call its methods in program order."""

    def __init__(
        self, module: Module, name: str, parameters: Sequence[str], result: str, exported: bool
    ) -> None:
        self.module, self.name, self.result = module, name, result
        self._parameters, self._exported = tuple(parameters), exported
        self.arguments = tuple(Value(self, I64, f"%{p}") for p in parameters)
        self._slots: list[str] = []
        self._lines: list[str] = []
        self._count = 0
        self._block = "start"

    # --- raw text ------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return the function as LLVM assembly."""
        parameters = ", ".join(f"i64 %{p}" for p in self._parameters)
        linkage = _DIRECT if self._exported else "internal "
        head = f"define {linkage}{self.result} @{self.name}({parameters}) noinline nounwind {{"
        return "\n".join([head, "entry:", *self._slots, "  br label %start", "start:", *self._lines, "}"])

    def line(self, text: str) -> None:
        """Append one instruction without a result."""
        self._lines.append("  " + text)

    def _name(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def emit(self, kind: str, text: str) -> Value:
        """Append one instruction and return its result."""
        name = self._name()
        self._lines.append(f"  {name} = {text}")
        return Value(self, kind, name)

    def stack_slot(self, kind: str) -> str:
        """Return the name of a pointer to a new stack slot."""
        name = self._name()
        self._slots.append(f"  {name} = alloca {kind}")
        return name

    def address_of(self, slot: str) -> Value:
        """Return the address of a stack slot."""
        return self.emit(I64, f"ptrtoint ptr {slot} to i64")

    def _label(self, label: str) -> None:
        self._lines.append(f"{label}:")
        self._block = label

    def _new_label(self) -> str:
        self._count += 1
        return f"b{self._count}"

    # --- values --------------------------------------------------------------------------------------------------------

    def constant(self, kind: str, value: int | Sequence[int]) -> Value:
        """Return a constant; a number for a vector type is repeated."""
        if not kind.startswith("<"):
            return Value(self, kind, str(value))
        values = [value] * lanes_of(kind) if isinstance(value, int) else list(value)
        return Value(self, kind, "<" + ", ".join(f"{element_of(kind)} {v}" for v in values) + ">")

    def integer(self, value: Operand) -> Value:
        """Return an i64."""
        return value if isinstance(value, Value) else self.constant(I64, value)

    def load(self, kind: str, address: Value) -> Value:
        """Return ``kind`` read from an address of any alignment."""
        return self.emit(kind, f"load {kind}, ptr {self.pointer(address).text}, align 1")

    def store(self, value: Value, address: Value) -> None:
        """Write ``value`` to an address of any alignment."""
        self.line(f"store {value.kind} {value.text}, ptr {self.pointer(address).text}, align 1")

    def load_some(self, kind: str, address: Value, mask: Value) -> Value:
        """Return ``kind`` of which the elements that ``mask`` selects are read, the others 0; nothing else is touched."""
        arguments = (self.pointer(address), self.constant(I32, 1), mask, Value(self, kind, "zeroinitializer"))
        return self.call(f"llvm.masked.load.{_suffix(kind)}.p0", kind, arguments)

    def store_some(self, value: Value, address: Value, mask: Value) -> None:
        """Write the elements that ``mask`` selects."""
        arguments = (value, self.pointer(address), self.constant(I32, 1), mask)
        self.call(f"llvm.masked.store.{_suffix(value.kind)}.p0", "void", arguments)

    def prefetch(self, address: Value, to_write: bool = False, level: int = 1) -> None:
        """Ask for the cache line at ``address``, which need not exist, into the cache of ``level``."""
        write, keep, data = (self.constant(I32, value) for value in (int(to_write), 4 - level, 1))
        self.call("llvm.prefetch.p0", "void", (self.pointer(address), write, keep, data))

    def pointer(self, address: Value) -> Value:
        """Return an address as an LLVM pointer."""
        return self.emit("ptr", f"inttoptr i64 {address.text} to ptr")

    def atomic_load(self, address: Value) -> Value:
        """Return the i64 at an aligned address, in one order for all threads."""
        return self.emit(I64, f"load atomic i64, ptr {self.pointer(address).text} seq_cst, align 8")

    def atomic_add(self, address: Value, value: int) -> Value:
        """Add to the i64 at an aligned address; return what it was before."""
        return self.emit(I64, f"atomicrmw add ptr {self.pointer(address).text}, i64 {value} seq_cst")

    def atomic_exchange(self, address: Value, value: int) -> None:
        """Replace the i64 at an aligned address."""
        self.emit(I64, f"atomicrmw xchg ptr {self.pointer(address).text}, i64 {value} seq_cst")

    def fields(self, record: Value, names: Sequence[str]) -> dict[str, Value]:
        """Return the i64 fields of a record, all read here so that later stores cannot come between."""
        return {name: self.load(I64, record + 8 * index) for index, name in enumerate(names)}

    def call(self, name: str, result: str, arguments: Sequence[Value]) -> Value:
        """Call an LLVM intrinsic; it is declared on the way."""
        self.module.declare(name, result, [a.kind for a in arguments])
        return self._call(name, result, arguments)

    def do(self, name: str, *arguments: Operand) -> None:
        """Call a function of this module, or one that a module loaded before exports."""
        values = [self.integer(a) for a in arguments]
        self.module.declare(name, _DIRECT + "void", [value.kind for value in values])
        self._call(name, "void", values)

    def _call(self, name: str, result: str, arguments: Sequence[Value]) -> Value:
        text = f"call {result} @{name}({', '.join(f'{a.kind} {a.text}' for a in arguments)})"
        if result == "void":
            self.line(text)
            return Value(self, "void", "")
        return self.emit(result, text)

    def intrinsic(self, name: str, *arguments: Value) -> Value:
        """Call an overloaded LLVM intrinsic whose result has the type of its first argument."""
        kind = arguments[0].kind
        return self.call(f"llvm.{name}.{_suffix(kind)}", kind, arguments)

    def float(self, operation: str, a: Value, b: Value) -> Value:
        """Return the result of a floating-point instruction (fadd, fmul, fdiv, ...), rounded by itself."""
        return self.emit(a.kind, f"{operation} {a.kind} {a.text}, {b.text}")

    def smaller(self, a: Value, b: Operand) -> Value:
        """Return the signed minimum."""
        return self.intrinsic("smin", a, self.constant(a.kind, b) if isinstance(b, int) else b)

    def larger(self, a: Value, b: Operand) -> Value:
        """Return the signed maximum."""
        return self.intrinsic("smax", a, self.constant(a.kind, b) if isinstance(b, int) else b)

    def opaque(self, value: Value) -> Value:
        """Return ``value``, of which LLVM may no longer see how it came about."""
        return self.emit(value.kind, f'call {value.kind} asm "", "=r,0"({value.kind} {value.text})')

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        """Return ``yes`` where ``condition`` holds, else ``no``."""
        text = f"select {condition.kind} {condition.text}, {yes.kind} {yes.text}, {no.kind} {no.text}"
        return self.emit(yes.kind, text)

    def convert(self, operation: str, value: Value, kind: str) -> Value:
        """Return ``value`` converted by an LLVM cast (bitcast, zext, sext, trunc, sitofp, fptosi, ...)."""
        if value.kind == kind:
            return value
        return self.emit(kind, f"{operation} {value.kind} {value.text} to {kind}")

    def shuffle(self, a: Value, b: Value, indices: Sequence[int]) -> Value:
        """Return the elements of ``a`` followed by ``b`` that ``indices`` name."""
        mask = self.constant(vector(len(indices), I32), list(indices)).text
        text = f"shufflevector {a.kind} {a.text}, {b.kind} {b.text}, {vector(len(indices), I32)} {mask}"
        return self.emit(vector(len(indices), element_of(a.kind)), text)

    def joined(self, parts: Sequence[Value]) -> Value:
        """Return vectors of one kind as one, in order; their number is a power of two."""
        while len(parts) > 1:
            n = 2 * lanes_of(parts[0].kind)
            parts = [self.shuffle(a, b, range(n)) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        return parts[0]

    def splat(self, value: Value, lanes: int) -> Value:
        """Return a vector with ``value`` in every lane."""
        kind = vector(lanes, value.kind)
        first = self.emit(kind, f"insertelement {kind} poison, {value.kind} {value.text}, i32 0")
        return self.shuffle(first, first, [0] * lanes)

    def element(self, value: Value, index: int) -> Value:
        """Return one element of a vector."""
        return self.emit(element_of(value.kind), f"extractelement {value.kind} {value.text}, i32 {index}")

    def variable(self, initial: Value) -> Variable:
        """Return a variable that starts as ``initial``."""
        return Variable(self, initial)

    # --- control flow --------------------------------------------------------------------------------------------------

    @contextmanager
    def loop(self, start: Operand, stop: Operand, step: Operand = 1) -> Iterator[Value]:
        """Repeat the block for i = start, start + step, ... while i < stop."""
        start, stop, step = self.integer(start), self.integer(stop), self.integer(step)
        body, done = self._new_label(), self._new_label()
        before = self._block
        self.line(f"br i1 {(start < stop).text}, label %{body}, label %{done}")
        self._label(body)
        index = self._name()
        phi = len(self._lines)
        self._lines.append("")  # completed below, when the last block of the body is known
        yield Value(self, I64, index)
        following = Value(self, I64, index) + step
        self._lines[phi] = (
            f"  {index} = phi i64 [{start.text}, %{before}], [{following.text}, %{self._block}]"
        )
        self.line(f"br i1 {(following < stop).text}, label %{body}, label %{done}")
        self._label(done)

    @contextmanager
    def repeat_while(self) -> Iterator[list[Value]]:
        """Repeat the block for as long as the condition it appends to the given list holds."""
        body, done = self._new_label(), self._new_label()
        conditions: list[Value] = []
        self.line(f"br label %{body}")
        self._label(body)
        yield conditions
        (condition,) = conditions
        self.line(f"br i1 {condition.text}, label %{body}, label %{done}")
        self._label(done)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Execute the block only if ``condition`` holds."""
        done = self._new_label()
        with self._branch(condition, done, done):
            yield
        self._label(done)

    @contextmanager
    def _branch(self, condition: Value, otherwise: str, afterwards: str) -> Iterator[None]:
        """Go to the label ``otherwise`` unless ``condition`` holds; from the block's end go to ``afterwards``."""
        inside = self._new_label()
        self.line(f"br i1 {condition.text}, label %{inside}, label %{otherwise}")
        self._label(inside)
        yield
        self.line(f"br label %{afterwards}")

    @contextmanager
    def first_of(self) -> Iterator[Case]:
        """Execute the first of the blocks begun with the yielded function whose condition holds, if any.

        What one block uses is not kept for those behind it, as it would be for one ``when`` after another.
        """
        done = self._new_label()

        @contextmanager
        def case(condition: Value) -> Iterator[None]:
            following = self._new_label()
            with self._branch(condition, following, done):
                yield
            self._label(following)

        yield case
        self.line(f"br label %{done}")
        self._label(done)

    def give(self, value: Value | None = None) -> None:
        """Return from the function; the last instruction."""
        self.line("ret void" if value is None else f"ret {value.kind} {value.text}")


def _suffix(kind: str) -> str:
    """Return how LLVM's overloaded intrinsics name ``kind``."""
    lanes = f"v{lanes_of(kind)}" if kind.startswith("<") else ""
    return lanes + {F32: "f32", F64: "f64"}.get(element_of(kind), element_of(kind))
