"""A registry as a data set: one row per fracture, outcomes by the definitions of follow-up, every column explained."""
