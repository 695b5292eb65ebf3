"""Qt-free data and logic of the window: frames, states, counters, latency, geometry, settings."""
