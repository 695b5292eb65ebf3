"""The law: SPEC.md in plain NumPy int64, one file per operator, never optimised."""
