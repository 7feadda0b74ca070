"""Cohorts in the service: tables uploaded and understood, analyses asked for and taken home."""

from ovcf.server.api.cohort import analyses, tables

ROUTERS = (tables.router, analyses.router)
"""The parts of the API, in the order of its description."""
