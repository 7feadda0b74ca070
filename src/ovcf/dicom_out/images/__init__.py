"""The stored images of a reading, and where its points lie on them."""
