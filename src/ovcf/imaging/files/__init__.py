"""Files opened: DICOM, NIfTI and pictures, alone, in folders or in archives."""
