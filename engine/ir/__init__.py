"""The float graph between importers and the quantizer: NHWC feature maps, OHWI weights, one dataclass per operator."""
