"""Every coded concept once, for DICOM and FHIR alike: standard codes where there are any, else a private scheme."""
