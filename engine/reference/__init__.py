"""The law: SPEC.md in plain NumPy int64, one file per kind of operator, never optimised."""

from engine.reference.dispatch import ReferenceSet, run

__all__ = ["ReferenceSet", "run"]
