"""Floats live here and stop here: calibration, scales, bias, and the integers of SPEC.md."""
