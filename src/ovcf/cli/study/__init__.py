"""``ovcf study``: a study from its protocol to locked data."""
