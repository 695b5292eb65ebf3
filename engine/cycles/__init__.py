"""The modelled device clock: pure functions of (descriptor, SocSpec), never a tensor."""
