"""A structured report read back: what it says, and what somebody edited in it as edits of the reading."""
