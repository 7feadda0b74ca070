"""FHIR R4B over the service: readings and patients out, clinical facts in."""
