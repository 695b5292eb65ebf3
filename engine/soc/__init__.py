"""SoC descriptions: every number with its source."""

from engine.soc.spec import SocSpec, load_soc, soc_names

__all__ = ["SocSpec", "load_soc", "soc_names"]
