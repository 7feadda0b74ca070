"""Many rows at once: written with their audit, and listed a page at a time."""
