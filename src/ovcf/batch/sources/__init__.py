"""Where the studies of a batch come from, and how their files reach a worker."""
