"""The registry's studies by DICOMweb, so that a viewer opens them: read only, under pseudonyms."""
