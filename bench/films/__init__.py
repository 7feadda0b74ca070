"""Lateral radiographs: what the built-in model makes of them."""
