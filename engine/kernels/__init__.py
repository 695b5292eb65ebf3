"""Fast kernel sets, bit-identical to engine.reference."""
