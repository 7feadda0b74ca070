"""A reader's edits, and observations with the edits laid over them."""
