"""A fracture-liaison worklist in words."""
