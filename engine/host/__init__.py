"""The share of the A72: ONNX Runtime for the float reference and for what the C7x refuses."""
