"""A reading: what was observed on the images, the reader's edits, and what follows from both."""
