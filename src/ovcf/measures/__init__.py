"""One file per published measurement: arrays and landmarks in, a Measurement out. Pure."""
