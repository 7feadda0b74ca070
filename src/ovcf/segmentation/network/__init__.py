"""The built-in network: its files, its run, and what its probabilities come to."""
