"""Tests of Lens7, laid out as the code is; sub-folders need no ``__init__.py``."""
