"""A day at the stand: history, alarms, reports, the metrics endpoint, recordings. NOTE: Qt-free."""
