"""``ovcf reading``: a reading on the command line."""
