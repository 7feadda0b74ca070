"""What a digital patient is made of: tissues, where they lie, and what a fracture does to them."""
