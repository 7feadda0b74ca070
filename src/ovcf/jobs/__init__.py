"""What is slow is done by a worker: leased jobs in the registry's own database, each in a process that can be ended."""
