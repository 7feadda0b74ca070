"""The REST service of the registry, under /api/v1: thin doors to the service layer."""
