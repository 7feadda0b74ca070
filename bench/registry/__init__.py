"""The registry at scale."""
