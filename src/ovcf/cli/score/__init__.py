"""``ovcf score`` and ``ovcf calculator``."""
