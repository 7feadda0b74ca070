"""DICOM images and exports without what tells whose they are, and the key file that leads back."""
