"""What administrators do with a registry and what monitors read of it: people, audit, backups, jobs, room, models."""

from ovcf.server.api.admin import audit, backups, health, jobs, models, people, storage

ROUTERS = (people.router, audit.router, backups.router, jobs.router, storage.router, models.router, health.router)
"""The parts of the API, in the order of its description."""
