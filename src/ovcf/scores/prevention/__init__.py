"""Rules of suspicion, imaging and the prevention of the next fracture."""
