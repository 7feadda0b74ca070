"""From the tables of a batch to a fracture-liaison worklist: who may have a fracture that nobody reported."""
