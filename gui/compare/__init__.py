"""The two comparisons: float against 8 bit, edge against cloud. NOTE: Qt-free."""
