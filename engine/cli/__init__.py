"""The engine's commands (the contract others script against): no Qt anywhere below here."""
