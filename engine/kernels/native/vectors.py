"""Vector instructions by family, under one set of names.

Every vector has ``lanes`` int32 elements, or as many bytes (4 x lanes) or int16 (2 x lanes). x86 packs and unpacks within
segments of 128 bits ("lanes of 16 bytes"); a NEON register is one such segment, so the same formulas serve all.
"""

from collections.abc import Sequence

from engine.kernels.native.emit import Function
from engine.kernels.native.isa import Family, Isa
from engine.kernels.native.values import F32, F64, I1, I8, I16, I32, I64, Value, lanes_of, vector


class Vectors:
    """Operations of one instruction set, written into one function."""

    def __init__(self, function: Function, isa: Isa) -> None:
        self.f, self.isa = function, isa
        self.lanes = isa.lanes
        self.nbytes = 4 * isa.lanes
        self.bytes = vector(self.nbytes, I8)
        self.words = vector(2 * self.lanes, I16)
        self.ints = vector(self.lanes, I32)
        self.floats = vector(self.lanes, F32)

    def cast(self, value: Value, kind: str) -> Value:
        """Return the same bits as ``kind``."""
        return self.f.convert("bitcast", value, kind)

    def fill(self, value: Value, kind: str) -> Value:
        """Return the low bits of an i64 in every element of ``kind``."""
        lanes, element = kind[1:-1].split(" x ")
        return self.f.splat(self.f.convert("trunc", value, element), int(lanes))

    def ints_at(self, address: Value) -> Value:
        """Return int32 elements from memory."""
        return self.f.load(self.ints, address)

    def bytes_at(self, address: Value) -> Value:
        """Return bytes from memory."""
        return self.f.load(self.bytes, address)

    def broadcast_at(self, address: Value) -> Value:
        """Return the four bytes at ``address`` in every lane."""
        return self.f.splat(self.f.load(I32, address), self.lanes)

    def mask(self, count: Value, nbytes: int) -> Value:
        """Return a mask of the first ``count`` (at least 1) of ``nbytes`` (at most 64) bytes."""
        bits = (self.f.integer(1) << (count - 1) << 1) - 1
        return self.f.convert("bitcast", self.f.convert("trunc", bits, f"i{nbytes}"), vector(nbytes, I1))

    # --- within segments of 128 bits ---------------------------------------------------------------------------------

    def _segments(self, indices: Sequence[int], per_segment: int) -> list[int]:
        """Repeat a two-operand shuffle pattern of one segment (second operand from ``per_segment`` on) over all."""
        count = self.nbytes // 16
        total = per_segment * count
        return [
            segment * per_segment + (i if i < per_segment else i - per_segment + total)
            for segment in range(count)
            for i in indices
        ]

    def unpack(self, a: Value, b: Value, kind: str, high: bool) -> Value:
        """Return a's and b's elements alternating: the low or the high half of every segment."""
        a, b = self.cast(a, kind), self.cast(b, kind)
        n = int(kind[1:-1].split(" x ")[0]) * 16 // self.nbytes
        start = n // 2 if high else 0
        pattern = [v for i in range(n // 2) for v in (start + i, n + start + i)]
        return self.f.shuffle(a, b, self._segments(pattern, n))

    def pack_words(self, a: Value, b: Value) -> Value:
        """Return int32 a, b as int16, saturated; within every segment a's four before b's."""
        raise NotImplementedError

    def pack_bytes(self, a: Value, b: Value) -> Value:
        """Return int16 a, b as int8, saturated; within every segment a's eight before b's."""
        raise NotImplementedError

    def pack_bytes_unsigned(self, a: Value, b: Value) -> Value:
        """Return int16 a, b as uint8, saturated; within every segment a's eight before b's."""
        raise NotImplementedError

    def clamped_bytes(self, words: Sequence[Value], limits: Sequence[Value], unsigned: bool) -> Value:
        """Return two vectors of int16 as bytes; ``limits`` = low, high and flip.

        ``unsigned``: they are uint8 and may be as small as 0, so that saturating makes them so.
        """
        low, high, flip = limits
        if unsigned:
            return self.f.intrinsic("umin", self.pack_bytes_unsigned(*words), high)
        return self.f.smaller(self.f.larger(self.pack_bytes(*words), low), high) ^ flip

    def pack4(self, parts: Sequence[Value]) -> Value:
        """Return four int32 vectors as int8, saturated; segment k = parts[0..3][4k : 4k + 4]."""
        a, b, c, d = parts
        return self.pack_bytes(self.pack_words(a, b), self.pack_words(c, d))

    def transpose_segments(self, value: Value) -> Value:
        """Return the j-th 4-byte groups of all segments, j by j.

        ``pack4`` leaves part j's elements 4k to 4k+3 at place j of segment k; after this the parts lie one after another.
        """
        count = self.nbytes // 16
        return self.permute(self.cast(value, self.ints), [4 * k + j for j in range(4) for k in range(count)])

    def interleave_parts(self, value: Value) -> Value:
        """Return element 0 of the four parts of ``pack4``, then element 1 of each, and so on, in every segment."""
        return self.shuffle_bytes(value, [4 * j + i for i in range(4) for j in range(4)])

    def spread_segments(self, value: Value) -> Value:
        """Undo ``transpose_segments``: what is spread before two rounds of ``unpack`` comes out of them in order."""
        count = self.nbytes // 16
        return self.permute(
            self.cast(value, self.ints), [j * count + k for k in range(count) for j in range(4)]
        )

    def interleave_bytes(self, rows: Sequence[Value]) -> list[Value]:
        """Return four vectors of int32 lanes (row0, row1, row2, row3)[i] from four rows of bytes, i in order."""
        return self.interleave_in_segments([self.spread_segments(row) for row in rows])

    def interleave_in_segments(self, rows: Sequence[Value]) -> list[Value]:
        """Return four vectors of int32 lanes (row0, row1, row2, row3)[i] in the order from which ``pack4`` makes rows again.

        Lane e of vector n has i = 16 * (e // 4) + 4 * n + e % 4.
        """
        a, b, c, d = rows
        pairs = [
            (self.unpack(a, b, self.bytes, high), self.unpack(c, d, self.bytes, high))
            for high in (False, True)
        ]
        return [self.unpack(x, y, self.words, high) for x, y in pairs for high in (False, True)]

    def permute(self, value: Value, indices: Sequence[int]) -> Value:
        """Return int32 elements in the order of ``indices``."""
        return value if list(indices) == list(range(len(indices))) else self.f.shuffle(value, value, indices)

    def held(self, value: Value) -> Value:
        """Return ``value``, which nothing may use before the stores written so far: fixes an order that LLVM would change."""
        register = {Family.AVX512: "v", Family.AVX: "x", Family.NEON: "w"}[self.isa.family]
        asm = f'call {value.kind} asm sideeffect "", "={register},0,~{{memory}}"'
        return self.f.emit(value.kind, f"{asm}({value.kind} {value.text})")

    def every_second(self, a: Value, b: Value, first: int) -> Value:
        """Return within every segment a's two int32 from ``first`` (0 or 1) on, one left out between them, then b's."""
        return self.f.shuffle(a, b, self._segments([first, first + 2, first + 4, first + 6], 4))

    def shuffle_bytes(self, value: Value, indices: Sequence[int]) -> Value:
        """Return the bytes of every segment in the order of 16 ``indices``."""
        value = self.cast(value, self.bytes)
        return self.f.shuffle(value, value, self._segments(indices, 16))

    def part(self, value: Value, start: int, count: int) -> Value:
        """Return elements ``start`` to ``start + count`` of ``value``."""
        return self.f.shuffle(value, value, range(start, start + count))

    # --- arithmetic ----------------------------------------------------------------------------------------------------

    def dot(self, acc: Value, a: Value, w: Value) -> Value:
        """Return acc + the products of a's and w's bytes (or int16), four (or two) per lane."""
        return self.dot_bytes(acc, a, w) if self.isa.byte_dot else self.dot_words(acc, a, w)

    def dot_bytes(self, acc: Value, a: Value, w: Value) -> Value:
        """Return acc + a . w over four bytes per lane; w signed, a as ``Isa.signed_bytes`` says."""
        raise NotImplementedError

    def dot_words(self, acc: Value, a: Value, w: Value) -> Value:
        """Return acc + a . w over two int16 per lane."""
        raise NotImplementedError

    def pair_products(self, x: Value, w: Value) -> Value:
        """Return the sums, which fit int16, of the products of x's and w's neighbouring bytes; signs as in ``dot_bytes``."""
        raise NotImplementedError

    def multiply_add(self, acc: Value, x: Value, c: Value) -> Value:
        """Return acc + x * c for int32 vectors whose values fit int16; the high 16 bits of c's lanes are 0."""
        return self.dot_words(acc, x, c)

    def scale_floor(self, acc: Value, scale: Value, addend: Value) -> Value:
        """Return floor(acc * scale + addend) for int32 acc with |acc| <= 2^24, exactly (SPEC (5)).

        acc is a float without rounding, and rounding the fused product and sum towards minus infinity never passes an
        integer: floor(down(x)) = floor(x).
        """
        return self.floor_to_int(
            self.multiply_add_down(self.f.convert("sitofp", acc, self.floats), scale, addend)
        )

    def multiply_add_down(self, a: Value, b: Value, c: Value) -> Value:
        """Return a * b + c rounded once, towards minus infinity (the environment's mode unless overridden)."""
        return self.f.intrinsic("fma", a, b, c)

    def floor_to_int(self, value: Value) -> Value:
        """Return floor(value) as int32."""
        raise NotImplementedError

    def scale_floor_wide(self, acc: Value, multiplier: Value, rounding: Value, shift: Value) -> Value:
        """Return (acc * multiplier + rounding) >> shift in 64 bit, clamped to 17 bit; all operands i64 vectors but acc."""
        kind = vector(self.lanes, I64)
        product = self.f.convert("sext", acc, kind) * multiplier + rounding
        clamped = self.f.smaller(self.f.larger(product >> shift, -65536), 65535)
        return self.f.convert("trunc", clamped, self.ints)

    def divide_floor(self, numerator: Value, divisor: Value) -> Value:
        """Return floor(numerator / divisor) for int32 >= 0, any number of lanes; exact, as a float64 quotient is."""
        kind = vector(lanes_of(numerator.kind), F64)
        a, b = self.f.convert("sitofp", numerator, kind), self.f.convert("sitofp", divisor, kind)
        quotient = self.f.emit(kind, f"fdiv {kind} {a.text}, {b.text}")
        return self.f.convert("fptosi", self.f.intrinsic("floor", quotient), numerator.kind)


class Avx512(Vectors):
    """AVX-512 with VNNI: vectors of 64 bytes, rounding in the instruction."""

    def pack_words(self, a: Value, b: Value) -> Value:
        """Pack int32 to int16, saturated, by segments."""
        return self.f.call("llvm.x86.avx512.packssdw.512", self.words, (a, b))

    def pack_bytes(self, a: Value, b: Value) -> Value:
        """Pack int16 to int8, saturated, by segments."""
        return self.f.call("llvm.x86.avx512.packsswb.512", self.bytes, (a, b))

    def pack_bytes_unsigned(self, a: Value, b: Value) -> Value:
        """Pack int16 to uint8, saturated, by segments."""
        return self.f.call("llvm.x86.avx512.packuswb.512", self.bytes, (a, b))

    def permute(self, value: Value, indices: Sequence[int]) -> Value:
        """Permute int32 elements by an index register."""
        # WORKAROUND: an index vector that LLVM can see is merged with neighbouring shuffles into slower ones.
        pattern = self.f.constant(self.ints, list(indices))
        hidden = self.f.emit(self.ints, f'call {self.ints} asm "", "=v,0"({self.ints} {pattern.text})')
        return self.f.call("llvm.x86.avx512.permvar.si.512", self.ints, (value, hidden))

    def dot_bytes(self, acc: Value, a: Value, w: Value) -> Value:
        """vpdpbusd: unsigned times signed bytes."""
        arguments = (acc, self.cast(a, self.bytes), self.cast(w, self.bytes))
        return self.f.call("llvm.x86.avx512.vpdpbusd.512", self.ints, arguments)

    def dot_words(self, acc: Value, a: Value, w: Value) -> Value:
        """vpdpwssd: int16 pairs."""
        arguments = (acc, self.cast(a, self.words), self.cast(w, self.words))
        return self.f.call("llvm.x86.avx512.vpdpwssd.512", self.ints, arguments)

    def pair_products(self, x: Value, w: Value) -> Value:
        """vpmaddubsw: unsigned times signed bytes."""
        return self.f.call("llvm.x86.avx512.pmaddubs.w.512", self.words, (x, w))

    def multiply_add_down(self, a: Value, b: Value, c: Value) -> Value:
        """A fused multiply-add that rounds towards minus infinity by itself."""
        towards_minus_infinity = self.f.constant(I32, 9)
        return self.f.call("llvm.x86.avx512.vfmadd.ps.512", self.floats, (a, b, c, towards_minus_infinity))

    def floor_to_int(self, value: Value) -> Value:
        """Convert, rounding down."""
        unset, all_lanes, down = (
            self.f.constant(self.ints, 0),
            self.f.constant(I16, -1),
            self.f.constant(I32, 9),
        )
        return self.f.call("llvm.x86.avx512.mask.cvtps2dq.512", self.ints, (value, unset, all_lanes, down))


class Avx(Vectors):
    """AVX2, with or without AVX-VNNI: vectors of 32 bytes, rounding in MXCSR."""

    def pack_words(self, a: Value, b: Value) -> Value:
        """Pack int32 to int16, saturated, by segments."""
        return self.f.call("llvm.x86.avx2.packssdw", self.words, (a, b))

    def pack_bytes(self, a: Value, b: Value) -> Value:
        """Pack int16 to int8, saturated, by segments."""
        return self.f.call("llvm.x86.avx2.packsswb", self.bytes, (a, b))

    def pack_bytes_unsigned(self, a: Value, b: Value) -> Value:
        """Pack int16 to uint8, saturated, by segments."""
        return self.f.call("llvm.x86.avx2.packuswb", self.bytes, (a, b))

    def dot_bytes(self, acc: Value, a: Value, w: Value) -> Value:
        """vpdpbusd: unsigned times signed bytes."""
        arguments = (acc, self.cast(a, self.bytes), self.cast(w, self.bytes))
        return self.f.call("llvm.x86.avx512.vpdpbusd.256", self.ints, arguments)

    def dot_words(self, acc: Value, a: Value, w: Value) -> Value:
        """vpdpwssd, or pmaddwd and an addition."""
        pairs = (self.cast(a, self.words), self.cast(w, self.words))
        if self.isa.byte_dot:
            return self.f.call("llvm.x86.avx512.vpdpwssd.256", self.ints, (acc, *pairs))
        return acc + self.f.call("llvm.x86.avx2.pmadd.wd", self.ints, pairs)

    def pair_products(self, x: Value, w: Value) -> Value:
        """vpmaddubsw: unsigned times signed bytes."""
        return self.f.call("llvm.x86.avx2.pmadd.ub.sw", self.words, (x, w))

    def floor_to_int(self, value: Value) -> Value:
        """Convert, rounding down."""
        return self.f.call("llvm.x86.avx.cvt.ps2dq.256", self.ints, (value,))


class Neon(Vectors):
    """AArch64 with dot product: vectors of 16 bytes, rounding in FPCR."""

    def _narrow(self, value: Value, kind: str, name: str, instruction: str = "sqxtn") -> Value:
        return self.f.call(f"llvm.aarch64.neon.{instruction}.{name}", kind, (value,))

    def pack_words(self, a: Value, b: Value) -> Value:
        """Pack int32 to int16, saturated, by segments."""
        halves = [self._narrow(v, vector(4, I16), "v4i16") for v in (a, b)]
        return self.f.shuffle(halves[0], halves[1], range(8))

    def pack_bytes(self, a: Value, b: Value) -> Value:
        """Pack int16 to int8, saturated, by segments."""
        halves = [self._narrow(v, vector(8, I8), "v8i8") for v in (a, b)]
        return self.f.shuffle(halves[0], halves[1], range(16))

    def pack_bytes_unsigned(self, a: Value, b: Value) -> Value:
        """Pack int16 to uint8, saturated, by segments."""
        halves = [self._narrow(v, vector(8, I8), "v8i8", "sqxtun") for v in (a, b)]
        return self.f.shuffle(halves[0], halves[1], range(16))

    def dot_bytes(self, acc: Value, a: Value, w: Value) -> Value:
        """sdot: signed bytes."""
        arguments = (acc, self.cast(a, self.bytes), self.cast(w, self.bytes))
        return self.f.call("llvm.aarch64.neon.sdot.v4i32.v16i8", self.ints, arguments)

    def dot_words(self, acc: Value, a: Value, w: Value) -> Value:
        """Widening products, added in pairs."""
        # The pairwise sum of 32-bit products: (p0 + p1, p2 + p3, ...).
        halves = []
        for start in (0, 4):
            x, y = (self.part(self.cast(v, self.words), start, 4) for v in (a, w))
            halves.append(self.f.call("llvm.aarch64.neon.smull.v4i32", self.ints, (x, y)))
        return acc + self.f.call("llvm.aarch64.neon.addp.v4i32", self.ints, halves)

    def pair_products(self, x: Value, w: Value) -> Value:
        """Widening products of signed bytes, added in pairs."""
        halves = []
        for start in (0, 8):
            operands = [self.part(value, start, 8) for value in (x, w)]
            halves.append(self.f.call("llvm.aarch64.neon.smull.v8i16", self.words, operands))
        return self.f.call("llvm.aarch64.neon.addp.v8i16", self.words, halves)

    def multiply_add(self, acc: Value, x: Value, c: Value) -> Value:
        """A plain product."""
        half = self.f.constant(self.ints, 16)
        return acc + x * ((c << half) >> half)

    def floor_to_int(self, value: Value) -> Value:
        """Convert, rounding down."""
        return self.f.call("llvm.aarch64.neon.fcvtms.v4i32.v4f32", self.ints, (value,))


_CLASSES = {Family.AVX512: Avx512, Family.AVX: Avx, Family.NEON: Neon}


def vectors_for(function: Function, isa: Isa) -> Vectors:
    """Return the operations of ``isa`` that write into ``function``."""
    return _CLASSES[isa.family](function, isa)
