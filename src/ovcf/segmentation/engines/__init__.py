"""What finds vertebral bodies: one file for each engine, with its declaration."""
