"""The work on one study, one shard and a whole batch: what is there already is never done again."""
