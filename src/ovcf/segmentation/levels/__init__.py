"""Which vertebra is which: evidence, probability, and the same vertebra on two images."""
