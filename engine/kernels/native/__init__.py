"""Kernels emitted as LLVM assembly, compiled for this CPU at run time, and walked over a command list once per frame."""
