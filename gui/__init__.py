"""The window of Lens7; ``gui.core`` and ``gui.capture`` import no Qt."""
