"""The engine's commands (the contract others script against): no Qt anywhere below here."""

from engine.cli.app import app, main

__all__ = ["app", "main"]
