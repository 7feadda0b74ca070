"""Vertebral bodies of a lateral radiograph: how it is held, what is seen, how sure."""
