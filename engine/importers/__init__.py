"""Readers of model files: each returns an ir.Graph or refuses with one clear line."""
