"""A stack as one Enhanced MR Image Storage object: the multi-frame DICOM that newer scanners write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset

from ovcf.imaging.files.chemical_shift import PROTON_MHZ_PER_TESLA
from ovcf.phantom.dicom import ENHANCED_MR_IMAGE, SERIES_NAMES, Identity, base, code, numbers, put_pixels, window_of

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

    from ovcf.phantom.mr import Protocol
    from ovcf.phantom.render import Phantom

_KIND = ["ORIGINAL", "PRIMARY", "OTHER", "NONE"]


def _item(**attributes: Any) -> Dataset:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def enhanced_mr(identity: Identity, phantom: Phantom, contrast: str, number: int) -> FileDataset:
    """All slices of one contrast, one frame each."""
    stack, protocol = phantom.stack, phantom.protocols[contrast]
    description = f"PHANTOM {SERIES_NAMES[contrast]}"
    ds = base(identity, ENHANCED_MR_IMAGE, f"{description} enhanced", number, 1)
    facts = {
        "Modality": "MR",
        "SeriesDescription": description,
        "ProtocolName": description,
        "ImageType": _KIND,
        "BodyPartExamined": "SPINE",
        "PatientPosition": "HFS",
        "FrameOfReferenceUID": identity.uid("frame"),
        "PositionReferenceIndicator": "",
        "AcquisitionNumber": 1,
        "AcquisitionDateTime": f"{ds.AcquisitionDate}{ds.AcquisitionTime}",
        "AcquisitionDuration": 180.0,
        "MagneticFieldStrength": protocol.tesla,
        "ResonantNucleus": "1H",
        "PulseSequenceName": "TSE",
        "KSpaceFiltering": "NONE",
        "ContentQualification": "RESEARCH",
        "ApplicableSafetyStandardAgency": "IEC",
        "MRAcquisitionType": "2D",
        "EchoPulseSequence": "SPIN",
        "MultipleSpinEcho": "YES",
        "MultiPlanarExcitation": "NO",
        "SteadyStatePulseSequence": "NONE",
        "EchoPlanarPulseSequence": "NO",
        "PhaseContrast": "NO",
        "TimeOfFlightContrast": "NO",
        "SaturationRecovery": "NO",
        "SpectrallySelectedSuppression": "FAT" if protocol.is_fat_saturated else "NONE",
        "OversamplingPhase": "2D",
        "GeometryOfKSpaceTraversal": "RECTILINEAR",
        "SegmentedKSpaceTraversal": "PARTIAL",
        "RectilinearPhaseEncodeReordering": "LINEAR",
        "NumberOfKSpaceTrajectories": 1,
        "PixelPresentation": "MONOCHROME",
        "VolumetricProperties": "VOLUME",
        "VolumeBasedCalculationTechnique": "NONE",
        "ComplexImageComponent": "MAGNITUDE",
        "AcquisitionContrast": _weighting(protocol),
        "LossyImageCompression": "00",
        "PresentationLUTShape": "IDENTITY",
        "AcquisitionContextSequence": [],
        "NumberOfFrames": len(stack.laterals),
    }
    for keyword, value in facts.items():
        setattr(ds, keyword, value)
    del ds.AcquisitionDate, ds.AcquisitionTime
    ds.SharedFunctionalGroupsSequence = [_shared(phantom, contrast)]
    ds.PerFrameFunctionalGroupsSequence = [
        _frame(phantom, index, ds.AcquisitionDateTime) for index in range(len(stack.laterals))
    ]
    organization = identity.uid("dimensions")
    ds.DimensionOrganizationSequence = [_item(DimensionOrganizationUID=organization)]
    ds.DimensionIndexSequence = [
        _item(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=0x00209057,
            FunctionalGroupPointer=0x00209111,
            DimensionDescriptionLabel="In-Stack Position",
        )
    ]
    put_pixels(ds, phantom.images[contrast], 16)
    return ds


def _weighting(protocol: Protocol) -> str:
    return "STIR" if protocol.ti_ms else protocol.contrast[-2:]


def _shared(phantom: Phantom, contrast: str) -> Dataset:
    """What holds for every frame."""
    stack, protocol = phantom.stack, phantom.protocols[contrast]
    grid, (centre, width) = stack.grid, window_of(phantom, contrast)
    region = _item(AnatomicRegionSequence=[code("421060004", "SCT", "Vertebral column")], FrameLaterality="U")
    absorption = _item(SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY", SpecificAbsorptionRateValue=1.0)
    timing = _item(
        RepetitionTime=numbers(protocol.tr_ms)[0],
        FlipAngle="90",
        EchoTrainLength=protocol.echo_train,
        RFEchoTrainLength=protocol.echo_train,
        GradientEchoTrainLength=0,
        SpecificAbsorptionRateSequence=[absorption],
        GradientOutputType="DB_DT",
        GradientOutput=0.0,
        OperatingModeSequence=[_item(OperatingModeType="STATIC FIELD", OperatingMode="IEC_NORMAL")],
    )
    geometry = _item(
        InPlanePhaseEncodingDirection="COLUMN" if protocol.reads_along_rows else "ROW",
        MRAcquisitionFrequencyEncodingSteps=grid.columns if protocol.reads_along_rows else grid.rows,
        MRAcquisitionPhaseEncodingStepsInPlane=round(grid.rows * protocol.acquired),
        PercentSampling=numbers(100 * protocol.acquired)[0],
        PercentPhaseFieldOfView="100",
    )
    modifier = _item(
        InversionRecovery="YES" if protocol.ti_ms else "NO",
        FlowCompensation="NONE",
        Spoiling="NONE",
        T2Preparation="NO",
        SpectrallySelectedExcitation="NONE",
        SpatialPresaturation="NONE",
        PartialFourier="NO",
        ParallelAcquisition="NO",
    )
    if protocol.ti_ms:
        modifier.InversionTimes = [protocol.ti_ms]
    averages = _item(NumberOfAverages=2)
    receive = _item(
        ReceiveCoilName="SPINE",
        ReceiveCoilManufacturerName="ovcf",
        ReceiveCoilType="SURFACE",
        QuadratureReceiveCoil="NO",
    )
    transmit = _item(TransmitCoilName="BODY", TransmitCoilManufacturerName="ovcf", TransmitCoilType="BODY")
    shared = Dataset()
    shared.PixelMeasuresSequence = [
        _item(
            PixelSpacing=numbers(grid.pixel_mm, grid.pixel_mm),
            SliceThickness=numbers(stack.thickness_mm)[0],
            SpacingBetweenSlices=numbers(stack.spacing_mm)[0],
        )
    ]
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=numbers(0, 1, 0, 0, 0, -1))]
    shared.FrameAnatomySequence = [region]
    shared.FrameVOILUTSequence = [_item(WindowCenter=centre, WindowWidth=width)]
    shared.PixelValueTransformationSequence = [_item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")]
    shared.MRImageFrameTypeSequence = [
        _item(
            FrameType=_KIND,
            PixelPresentation="MONOCHROME",
            VolumetricProperties="VOLUME",
            VolumeBasedCalculationTechnique="NONE",
            ComplexImageComponent="MAGNITUDE",
            AcquisitionContrast=_weighting(protocol),
        )
    ]
    shared.MRTimingAndRelatedParametersSequence = [timing]
    shared.MRFOVGeometrySequence = [geometry]
    shared.MREchoSequence = [_item(EffectiveEchoTime=float(protocol.te_ms))]
    shared.MRModifierSequence = [modifier]
    shared.MRImagingModifierSequence = [
        _item(
            MagnetizationTransfer="NONE",
            BloodSignalNulling="NO",
            Tagging="NONE",
            TransmitterFrequency=PROTON_MHZ_PER_TESLA * protocol.tesla,
            PixelBandwidth=numbers(protocol.bandwidth_hz)[0],
        )
    ]
    shared.MRReceiveCoilSequence, shared.MRTransmitCoilSequence = [receive], [transmit]
    shared.MRAveragesSequence = [averages]
    return shared


def _frame(phantom: Phantom, index: int, when: str) -> Dataset:
    """Where one frame lies."""
    grid, lateral = phantom.stack.grid, phantom.stack.laterals[index]
    frame = Dataset()
    frame.FrameContentSequence = [
        _item(
            FrameAcquisitionNumber=1,
            FrameReferenceDateTime=when,
            FrameAcquisitionDateTime=when,
            FrameAcquisitionDuration=180000.0,
            StackID="1",
            InStackPositionNumber=index + 1,
            DimensionIndexValues=[index + 1],
        )
    ]
    frame.PlanePositionSequence = [_item(ImagePositionPatient=numbers(lateral, grid.x0, -grid.y0))]
    return frame
