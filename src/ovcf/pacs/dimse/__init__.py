"""DIMSE, the older of DICOM's two ways over the network, by pynetdicom."""
