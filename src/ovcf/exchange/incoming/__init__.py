"""Tables into the registry: read, checked line by line, compared with what is there, then written or only told."""
