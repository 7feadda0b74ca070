"""A fracture-liaison worklist as HTML, PDF and CSV."""
