"""Many studies: cut into shards, assessed by workers anywhere, gathered as tables, and turned into a worklist."""
