"""The DICOM services that archives are asked for, by the names of the standard. Needs pynetdicom, so import it late."""

# pynetdicom makes these names when it is imported, where a checker of types does not see them.
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # see above
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

__all__ = [
    "StorageCommitmentPushModel",
    "StudyRootQueryRetrieveInformationModelFind",
    "StudyRootQueryRetrieveInformationModelGet",
    "StudyRootQueryRetrieveInformationModelMove",
    "Verification",
]
