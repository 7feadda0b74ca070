"""Digital patients through the whole line, against their truth."""
