"""Where every activation lives: MSMC first, then DDR; tensors that never live together share bytes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import CompileError
from engine.program.descriptors import Descriptor, Reshape, inputs_of
from engine.program.program import Memory, Tensor
from engine.soc import SocSpec

ALIGNMENT_BYTES = 64  # one cache line and one 512-bit vector


@dataclass(frozen=True, slots=True)
class _Block:
    """Bytes shared by a tensor and its reshapes; live from descriptor ``first`` to ``last`` inclusive."""

    names: tuple[str, ...]
    nbytes: int
    first: int
    last: int
    external: bool

    def meets(self, other: "_Block") -> bool:
        return self.first <= other.last and other.first <= self.last


def plan(
    descriptors: Sequence[Descriptor],
    tensors: Mapping[str, Tensor],
    soc: SocSpec,
    *,
    outputs: Collection[str] = (),
    weights_bytes: int = 0,
    owner: str = "the network",
) -> tuple[dict[str, Tensor], dict[Memory, int]]:
    """Return the tensors with memory and offset (bytes), and the size of each memory's activation arena.

    Tensors that nothing writes are inputs, those that nothing reads are outputs, as are ``outputs``; the
    A72 shares them, so they lie in DDR. Inputs stay valid for the whole program. ``weights_bytes`` occupy
    DDR besides. ``owner`` is the network's name in messages.

    Raises:
        CompileError: activations and weights together do not fit the DDR that TIDL may use.
    """
    blocks = _blocks(descriptors, tensors, outputs)
    by_size = sorted(blocks, key=lambda block: (-block.nbytes, block.first))
    in_msmc: dict[_Block, int] = {}
    in_ddr: dict[_Block, int] = {}
    for block in by_size:
        offset = None if block.external else _best_fit(block, in_msmc, soc.msmc_bytes)
        if offset is not None:
            in_msmc[block] = offset
        else:
            in_ddr[block] = _must_fit(block, in_ddr)
    arena = {Memory.MSMC: _extent(in_msmc), Memory.DDR: _extent(in_ddr)}
    _refuse_overflow(arena[Memory.DDR], weights_bytes, soc, owner)
    placed = dict(tensors)
    for memory, offsets in ((Memory.MSMC, in_msmc), (Memory.DDR, in_ddr)):
        for block, offset in offsets.items():
            for name in block.names:
                placed[name] = replace(tensors[name], memory=memory, offset=offset)
    verify_plan(descriptors, placed, arena, soc, outputs=outputs)
    return placed, arena


def verify_plan(
    descriptors: Sequence[Descriptor],
    tensors: Mapping[str, Tensor],
    arena_bytes: Mapping[Memory, int],
    soc: SocSpec,
    *,
    outputs: Collection[str] = (),
) -> None:
    """Walk the program and check that nothing still needed is overwritten, however the plan was made.

    Raises:
        CompileError: a span is unplaced, unaligned or outside its arena, an arena is larger than its memory,
            or a descriptor writes over bytes that a later one reads.
    """
    capacity = {Memory.L2: soc.l2_bytes, Memory.MSMC: soc.msmc_bytes, Memory.DDR: soc.ddr_bytes}
    for memory, nbytes in arena_bytes.items():
        if nbytes > capacity[memory]:
            raise CompileError(
                f"memory plan: {memory.value} arena of {nbytes} bytes, {soc.name} has {capacity[memory]}"
            )
    for tensor in tensors.values():
        end = tensor.offset + tensor.nbytes
        if tensor.offset < 0 or tensor.offset % ALIGNMENT_BYTES or end > arena_bytes.get(tensor.memory, 0):
            raise CompileError(
                f"memory plan: {tensor.name} lies unaligned or outside at {tensor.offset} to {end} "
                f"of {tensor.memory.value}"
            )
    last_read = {name: index for index, step in enumerate(descriptors) for name in inputs_of(step)}
    written = {step.output for step in descriptors}
    held = set(outputs) | (tensors.keys() - written)
    alive = sorted(held - written)
    same_data = {name: name for name in tensors}
    for index, step in enumerate(descriptors):
        if isinstance(step, Reshape):
            same_data[step.output] = same_data[step.input]
        others = [tensors[n] for n in alive if same_data[n] != same_data[step.output]]
        copies = [tensors[n] for n in alive if same_data[n] == same_data[step.output]]
        _check_write(step, others, copies, tensors[step.output])
        alive = [n for n in (*alive, step.output) if n in held or last_read.get(n, len(descriptors)) > index]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes in a memory, in use from descriptor ``first`` to ``last``, both included, by tensors of the same data."""

    names: tuple[str, ...]
    memory: Memory
    offset: int
    nbytes: int
    first: int
    last: int


def spans(
    descriptors: Sequence[Descriptor], tensors: Mapping[str, Tensor], outputs: Collection[str] = ()
) -> list[Span]:
    """Return when which bytes of a plan are in use: the memory map over time."""
    found = []
    for block in _blocks(descriptors, tensors, outputs):
        tensor = tensors[block.names[0]]
        last = min(block.last, len(descriptors) - 1)
        found.append(Span(block.names, tensor.memory, tensor.offset, block.nbytes, block.first, last))
    return found


def _check_write(
    step: Descriptor, others: Sequence[Tensor], copies: Sequence[Tensor], target: Tensor
) -> None:
    """``copies`` hold the data that a reshape writes: they may lie exactly under it, never partly."""
    exact = [other for other in copies if other.offset == target.offset]
    for other in (*others, *copies):
        overlaps = (
            other.memory is target.memory
            and other.offset < target.offset + target.nbytes
            and target.offset < other.offset + other.nbytes
        )
        if overlaps and other not in exact:
            raise CompileError(
                f"memory plan: {step.name} writes {target.name} over {other.name}, still to be read"
            )


def _blocks(
    descriptors: Sequence[Descriptor], tensors: Mapping[str, Tensor], outputs: Collection[str]
) -> list[_Block]:
    """Group tensors with their reshapes, which hold the same bytes, and find first and last uses."""
    end = len(descriptors)
    first = {step.output: index for index, step in enumerate(descriptors)}
    last = {name: index for index, step in enumerate(descriptors) for name in inputs_of(step)}
    owner = {name: name for name in tensors}
    for step in descriptors:
        if isinstance(step, Reshape):
            owner[step.output] = owner[step.input]
    groups: dict[str, list[str]] = {}
    for name in tensors:
        groups.setdefault(owner[name], []).append(name)
    blocks = []
    for names in groups.values():
        is_input = any(name not in first for name in names)
        is_output = any(name not in last or name in outputs for name in names)
        blocks.append(
            _Block(
                names=tuple(names),
                nbytes=max(tensors[name].nbytes for name in names),
                first=0 if is_input else min(first[name] for name in names),
                last=end if is_input or is_output else max(last[name] for name in names),
                external=is_input or is_output,
            )
        )
    return blocks


def _best_fit(block: _Block, placed: Mapping[_Block, int], capacity_bytes: int | None) -> int | None:
    """Return the offset of the tightest gap among the blocks alive with ``block``, None if none fits."""
    busy = sorted((offset, offset + other.nbytes) for other, offset in placed.items() if other.meets(block))
    best: tuple[int, int] | None = None
    start = 0
    for low, high in busy:
        if low - start >= block.nbytes and (best is None or low - start < best[0]):
            best = (low - start, start)
        start = max(start, -(-high // ALIGNMENT_BYTES) * ALIGNMENT_BYTES)
    if best is not None:
        return best[1]
    return start if capacity_bytes is None or start + block.nbytes <= capacity_bytes else None


def _must_fit(block: _Block, placed: Mapping[_Block, int]) -> int:
    offset = _best_fit(block, placed, None)
    assert offset is not None, "an unbounded arena always has room"
    return offset


def _extent(offsets: Mapping[_Block, int]) -> int:
    return max((offset + block.nbytes for block, offset in offsets.items()), default=0)


def _refuse_overflow(activation_bytes: int, weights_bytes: int, soc: SocSpec, owner: str) -> None:
    missing = activation_bytes + weights_bytes - soc.ddr_bytes
    if missing > 0:
        raise CompileError(
            f"{owner} does not fit {soc.name}: {missing} bytes are missing; DDR for TIDL is {soc.ddr_bytes} "
            f"bytes, activations need {activation_bytes} and weights {weights_bytes}; use a smaller network"
        )
