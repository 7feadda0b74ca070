"""``ovcf db``, ``ovcf audit`` and ``ovcf patient``: the registry on the command line."""
