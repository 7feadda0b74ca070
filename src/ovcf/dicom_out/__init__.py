"""A reading as DICOM objects beside its images: structured report, segmentation, PDF, key images; and read back."""
