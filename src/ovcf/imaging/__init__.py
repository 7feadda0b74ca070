"""Reading DICOM and NIfTI, naming each series, oriented volumes, the mid-sagittal plane."""
