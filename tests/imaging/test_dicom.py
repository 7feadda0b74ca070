"""DICOM series become volumes by geometry alone."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import (
    BasicTextSRStorage,
    HTJ2KLossless,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
)

from ovcf.errors import MissingFileError, SeriesChoiceError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.vocabulary import Modality, Posture
from tests.imaging.build_dicom import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    Scan,
    blank,
    enhanced,
    shows_the_patient,
    with_pixels,
    write,
)

T2 = {"RepetitionTime": 3500.0, "EchoTime": 100.0, "SeriesDescription": "SAG T2 TSE"}
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def only(study):
    (series,) = study.series
    return series


@SLOW
@given(
    order=st.permutations(range(7)),
    plane=st.sampled_from([SAGITTAL, CORONAL, AXIAL]),
    signs=st.tuples(*[st.sampled_from([1, -1])] * 2),
    degrees=st.tuples(*[st.floats(-25, 25)] * 3),
)
def test_every_voxel_lies_where_it_was_measured_whatever_the_file_order_and_orientation(
    tmp_path_factory, order, plane, signs, degrees
):
    scan = Scan(plane=tuple(s * np.array(v) for s, v in zip(signs, plane, strict=True)), turned=turn(*degrees), tags=T2)
    folder = tmp_path_factory.mktemp("series")
    scan.write(folder, order)
    series = only(read_study(folder))
    assert series.image.voxels.shape == scan.shape
    assert shows_the_patient(series.image)


def turn(a, b, c):
    from scipy.spatial.transform import Rotation

    return Rotation.from_euler("xyz", (a, b, c), degrees=True).as_matrix()


def test_instance_numbers_are_ignored(tmp_path):
    slices = Scan(tags=T2).slices()
    for number, one in zip([5, 1, 4, 1, 3, 9, 2], slices, strict=True):
        one.InstanceNumber = number
    write(tmp_path, slices)
    assert shows_the_patient(only(read_study(tmp_path)).image)


def test_what_the_tags_say_is_kept(tmp_path):
    tags = {**T2, "MagneticFieldStrength": 1.5, "PatientPosition": "HFS", "ContrastBolusAgent": ""}
    files = Scan(tags=tags).write(tmp_path)
    study = read_study(tmp_path)
    series = only(study)
    assert series.role is Role.T2
    assert series.modality is Modality.MR
    assert (series.repetition_time_ms, series.echo_time_ms, series.inversion_time_ms) == (3500, 100, None)
    assert (series.field_strength_t, series.acquired_on, series.posture) == (1.5, "2024-01-31", Posture.SUPINE)
    assert set(series.files) == {str(f) for f in files}
    assert (study.patient.id, study.patient.sex, study.patient.age) == ("P1", "F", 72)
    source = series.source("a reader")
    assert (source.image, source.placed_by, source.calibrated) == ("SAG T2 TSE", "a reader", True)


def test_the_age_comes_from_the_birth_date_where_none_is_stated(tmp_path):
    slices = Scan(tags={**T2, "PatientBirthDate": "19510201"}).slices()
    for one in slices:
        del one.PatientAge
    write(tmp_path, slices)
    assert read_study(tmp_path).patient.age == 72  # 73 on the day after the study


@pytest.mark.parametrize("make", [lambda s: s.slices(), lambda s: [enhanced(s, range(7))]])
def test_slope_and_intercept_are_applied(tmp_path, make):
    write(tmp_path, make(Scan(slope=0.5, intercept=-100.0, tags=T2)))
    assert shows_the_patient(only(read_study(tmp_path)).image, tolerance=0.26)


def test_hounsfield_units_stay_whole_numbers(tmp_path):
    scan = Scan(modality="CT", plane=AXIAL, intercept=-1024.0)
    scan.write(tmp_path)
    series = only(read_study(tmp_path))
    assert series.role is Role.CT
    assert series.image.voxels.dtype == np.int16
    assert shows_the_patient(series.image)


@SLOW
@given(order=st.permutations(range(7)))
def test_frames_of_an_enhanced_object_are_placed_by_position(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("enhanced")
    write(folder, [enhanced(Scan(turned=turn(5, -10, 8)), order, SeriesDescription="t2 sag")])
    series = only(read_study(folder))
    assert shows_the_patient(series.image)
    assert (series.role, series.echo_time_ms, series.repetition_time_ms) == (Role.T2, 80, 3000)


def test_echoes_of_one_enhanced_object_become_two_series(tmp_path):
    write(tmp_path, [enhanced(Scan(), range(7), echoes=(80.0, 20.0))])
    study = read_study(tmp_path)
    assert {s.echo_time_ms for s in study.series} == {20, 80}
    assert len({s.uid for s in study.series}) == 2
    assert all(shows_the_patient(s.image) for s in study.series)
    assert any("split" in reason for reason in study.series[0].reasons)


def test_dixon_images_of_one_series_are_told_apart(tmp_path):
    scan = Scan(tags=T2)
    kinds = {"W": Role.FS_T2, "IP": Role.T2, "F": Role.OTHER}
    write(tmp_path, [scan.slice(n, ImageType=["ORIGINAL", "PRIMARY", "M", k]) for n in range(7) for k in kinds])
    assert sorted(s.role for s in read_study(tmp_path).series) == sorted(kinds.values())


@pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data")
@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_compressed_pixels_are_the_same(tmp_path, syntax):
    slices = Scan(tags=T2).slices()
    for one in slices:
        one.compress(syntax, generate_instance_uid=False)
    write(tmp_path, slices)
    assert shows_the_patient(only(read_study(tmp_path)).image)


def recompress(paths, kind):
    import gdcm

    for path in paths:
        reader = gdcm.ImageReader()
        reader.SetFileName(str(path))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, kind)))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(path))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()


@pytest.mark.parametrize("kind", ["JPEG2000Lossless", "JPEGLosslessProcess14_1"])
def test_compression_by_another_library_is_read(tmp_path, kind):
    recompress(Scan(tags=T2).write(tmp_path), kind)
    assert shows_the_patient(only(read_study(tmp_path)).image)


def test_a_compression_without_codec_is_named(tmp_path):
    one = Scan(tags=T2).slice(0)
    one.file_meta.TransferSyntaxUID = HTJ2KLossless
    one.PixelData = encapsulate([b"codestream"])
    one["PixelData"].VR = "OB"
    (path,) = write(tmp_path, [one])
    with pytest.raises(UnreadableFileError, match=r"IM0000.dcm: .*High-Throughput JPEG 2000.*no codec.*Export it unc"):
        read_study(path)


def test_missing_slices_are_named_with_their_place(tmp_path):
    scan = Scan(tags=T2)
    scan.write(tmp_path, [0, 1, 2, 4, 5, 6])
    with pytest.raises(SeriesGeometryError, match="slices are missing: 1 after") as caught:
        read_study(tmp_path)
    absent = scan.corner(3) @ scan.axes[0]
    assert f"{absent:.2f} mm along the normal" in str(caught.value)
    assert "SAG T2 TSE" in caught.value.where
    assert "Export the whole series again" in caught.value.remedy.text


def test_two_images_of_one_place_that_nothing_tells_apart_are_refused(tmp_path):
    scan = Scan(tags=T2)
    other = scan.slice(3)
    other.PixelData = (other.pixel_array // 2).tobytes()
    write(tmp_path, [*scan.slices(), other])
    with pytest.raises(SeriesGeometryError, match=r"two slices lie at the same position.*IM0003.dcm and .*IM0007.dcm"):
        read_study(tmp_path)


def test_a_file_copied_twice_is_left_out(tmp_path):
    Scan(tags=T2).write(tmp_path)
    (tmp_path / "copy.dcm").write_bytes((tmp_path / "IM0003.dcm").read_bytes())
    study = read_study(tmp_path)
    assert shows_the_patient(only(study).image)
    assert "the same image as" in study.skipped[0][1]


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        ({"plane": CORONAL}, "2 orientations"),
        ({"turned": turn(0, 0, 10)}, "2 orientations"),
        ({"shape": (7, 12, 14)}, "different sizes: 12 x 10, 12 x 14"),
        ({"spacing": (4.0, 1.0, 1.25)}, "different pixel spacings"),
    ],
)
def test_slices_of_another_grid_within_a_series_are_refused(tmp_path, odd, problem):
    scan = Scan(tags=T2)
    stray = Scan(**odd, tags=T2, uid=scan.uid)
    write(tmp_path, [*scan.slices()[:6], stray.slice(6)])
    with pytest.raises(SeriesGeometryError, match=problem) as caught:
        read_study(tmp_path)
    assert "SAG T2 TSE" in str(caught.value)


def test_an_uneven_stack_is_refused(tmp_path):
    slices = Scan(tags=T2).slices()
    slices[3].ImagePositionPatient[0] += 1.0
    write(tmp_path, slices)
    with pytest.raises(SeriesGeometryError, match="unevenly spaced"):
        read_study(tmp_path)


def test_a_slice_shifted_sideways_is_refused(tmp_path):
    slices = Scan(tags=T2).slices()
    slices[3].ImagePositionPatient[1] += 2.0
    write(tmp_path, slices)
    with pytest.raises(SeriesGeometryError, match=r"IM0003.dcm lies 2.00 mm from its place"):
        read_study(tmp_path)


def test_two_slices_far_apart_are_no_stack_and_one_alone_is_told(tmp_path):
    Scan(tags=T2).write(tmp_path, [0, 6])
    with pytest.raises(SeriesGeometryError, match="slices are missing: 5 after"):
        read_study(tmp_path)
    (tmp_path / "IM0001.dcm").unlink()
    assert "a single slice" in only(read_study(tmp_path)).reasons


def test_two_complete_planes_of_one_series_are_split(tmp_path):
    first = Scan(tags=T2)
    write(tmp_path, [*first.slices(), *Scan(plane=CORONAL, tags=T2, uid=first.uid).slices()])
    study = read_study(tmp_path)
    assert sorted(s.role for s in study.series) == [Role.OTHER, Role.T2]
    assert all(shows_the_patient(s.image) for s in study.series)


def test_a_localizer_and_an_angled_axial_series_do_not_stop_the_study(tmp_path):
    Scan(tags=T2).write(tmp_path / "t2")
    uid = Scan().uid
    planes = [Scan(plane=p, uid=uid, shape=(3, 12, 10)) for p in (SAGITTAL, CORONAL, AXIAL)]
    write(tmp_path / "loc", [one for scan in planes for one in scan.slices()])
    discs = [Scan(plane=AXIAL, turned=turn(a, 0, 0), uid="1.2.3", shape=(3, 12, 10)) for a in (0, 12)]
    write(tmp_path / "ax", [one for scan in discs for one in scan.slices()])
    study = read_study(tmp_path)
    assert only(study).role is Role.T2
    assert len(study.skipped) == 15
    assert {why.partition(":")[0] for _, why in study.skipped} == {"a localizer", "not one stack, and not sagittal"}


def test_a_text_file_named_dcm(tmp_path):
    (tmp_path / "note.dcm").write_text("dear colleague, " * 40)
    with pytest.raises(UnreadableFileError, match=r"note.dcm: .*Export the original images"):
        read_study(tmp_path)


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_a_truncated_file(tmp_path, keep):
    path = Scan(tags=T2).write(tmp_path)[2]
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises((UnreadableFileError, SeriesGeometryError), match=r"IM0002.dcm.*again"):
        read_study(tmp_path)


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
def test_a_missing_tag_is_named(tmp_path, keyword):
    slices = Scan(tags=T2).slices()
    delattr(slices[4], keyword)
    write(tmp_path, slices)
    with pytest.raises(SeriesGeometryError, match=f"IM0004.dcm: {keyword} is missing"):
        read_study(tmp_path)


def test_an_impossible_orientation(tmp_path):
    slices = Scan(tags={**T2, "ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}).slices()
    write(tmp_path, slices)
    with pytest.raises(SeriesGeometryError, match="impossible"):
        read_study(tmp_path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: with_pixels(blank(UltrasoundImageStorage, "US"), np.ones((4, 4))), "modality US is neither"),
        (lambda: with_pixels(blank(SecondaryCaptureImageStorage, "MR"), np.ones((4, 4))), "a screen capture"),
        (lambda: with_pixels(blank(UltrasoundImageStorage, "MR"), np.ones((4, 4)), "RGB"), r"a colour image \(RGB\)"),
        (lambda: blank(BasicTextSRStorage, "SR"), r"holds no image \(SR\)"),
    ],
)
def test_what_is_no_spine_image_is_left_out_with_the_reason(tmp_path, make, why):
    write(tmp_path, [make()], prefix="odd")
    with pytest.raises(MissingFileError, match=rf"holds no image that can be read \(odd0000.dcm: {why}"):
        read_study(tmp_path)
    Scan(tags=T2).write(tmp_path)
    assert only(read_study(tmp_path)).role is Role.T2


def test_two_patients_are_refused(tmp_path):
    Scan(tags=T2).write(tmp_path / "a")
    Scan(tags={**T2, "PatientID": "P2"}).write(tmp_path / "b")
    with pytest.raises(SeriesChoiceError, match="images of 2 patients"):
        read_study(tmp_path)


def test_the_finest_native_series_is_chosen_and_says_so(tmp_path):
    t1 = {"RepetitionTime": 550.0, "EchoTime": 10.0}
    Scan(tags=t1).write(tmp_path / "coarse")
    fine = Scan(tags=t1, spacing=(4.0, 0.7, 0.7))
    fine.write(tmp_path / "fine")
    Scan(tags={**t1, "ContrastBolusAgent": "Gadobutrol"}, spacing=(4.0, 0.5, 0.5)).write(tmp_path / "contrast")
    study = read_study(tmp_path)
    best = study.get(Role.T1)
    assert best.uid == fine.uid
    assert "from 3 series" in best.reasons[-1]
    assert study.get(Role.STIR) is None
    assert any("contrast agent" in reason for reason in study.all(Role.T1)[-1].reasons)


def test_the_latest_day_comes_first(tmp_path):
    old = Scan(tags={**T2, "AcquisitionDate": "20231201"}, spacing=(4.0, 0.5, 0.5))
    old.write(tmp_path / "old")
    Scan(tags=T2).write(tmp_path / "new")
    assert read_study(tmp_path).get(Role.T2).acquired_on == "2024-01-31"


def test_a_multiframe_object_with_a_wrong_number_of_frames(tmp_path):
    write(tmp_path, [enhanced(Scan(), range(7), NumberOfFrames=5)])
    with pytest.raises(SeriesGeometryError, match=r"IM0000.dcm: describes 7 frames"):
        read_study(tmp_path)


def test_a_reader_overrides_the_role(tmp_path):
    Scan(tags={"SeriesDescription": "odd name"}).write(tmp_path)
    assert only(read_study(tmp_path)).role is Role.OTHER
    series = only(read_study(tmp_path, roles={"odd name": Role.STIR}))
    assert (series.role, series.overridden) == (Role.STIR, True)
    assert "by the reader" in series.reasons[0]
    with pytest.raises(SeriesChoiceError, match="cannot serve as CT"):
        read_study(tmp_path, roles={"IM0001.dcm": Role.CT})
    with pytest.raises(SeriesChoiceError, match=r"no series has this uid.*odd name"):
        read_study(tmp_path, roles={"T1": Role.T1})


def test_a_series_sent_twice_under_new_names_of_its_images_is_read_once(tmp_path):
    scan = Scan(tags=T2)
    scan.write(tmp_path / "first")
    again = scan.write(tmp_path / "again")
    study = read_study(tmp_path)
    assert only(study).image.voxels.shape == scan.shape
    assert len(study.skipped) == len(again)
    assert all("the same image as" in why for _, why in study.skipped)


def test_two_echoes_of_one_place_are_no_copies(tmp_path):
    scan = Scan(tags=T2)
    late = [scan.slice(n, EchoTime=200.0) for n in range(scan.shape[0])]
    for one in late:
        one.PixelData = (one.pixel_array // 2).tobytes()
    scan.write(tmp_path / "early")
    write(tmp_path / "late", late)
    assert len(read_study(tmp_path).series) == 2
