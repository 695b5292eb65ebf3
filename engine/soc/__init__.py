"""SoC descriptions: every number with its source."""
