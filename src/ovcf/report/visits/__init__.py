"""The report over several visits."""
