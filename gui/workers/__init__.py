"""Threads between the frame source, the engine and the window."""
