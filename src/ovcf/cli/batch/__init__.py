"""``ovcf batch``: many studies at once."""
