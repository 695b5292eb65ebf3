"""From a model file to an artifact folder: support rules, partition, tiling, memory plan."""
