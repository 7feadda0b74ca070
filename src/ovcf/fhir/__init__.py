"""A reading as FHIR R4B, and clinical facts out of FHIR."""
