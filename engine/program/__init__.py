"""What the compiler hands to the device: descriptors, tensors with addresses, constants, and the artifact folder."""
