"""DICOMweb, the newer of DICOM's two ways over the network, by dicomweb-client."""
