"""Where the results of a batch go: a folder, or a bucket of object storage."""
