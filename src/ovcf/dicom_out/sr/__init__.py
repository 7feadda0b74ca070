"""The structured report of a reading."""
