"""Two stacks of one role, two films: all are kept, and the reader chooses the one a measurement is taken from."""

import nibabel as nib
import numpy as np
import pytest

from ovcf.anatomy import Level, VertebralColumn
from ovcf.assessment.result import Provenance
from ovcf.cli.remedies import words
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import LabelSchemeError, ReadingError, Remedy, RemedyCode
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from ovcf.reading.observing.observe import Found
from ovcf.reading.version import Reading, Version
from ovcf.segmentation.film.radiograph_held import flipped
from ovcf.segmentation.film.radiograph_reading import RadiographReading
from ovcf.segmentation.levels.level_labels import Labelling, LevelsUncertainError
from ovcf.segmentation.places import Place
from ovcf.vocabulary import Modality
from ovcf.workflow.draft import draft
from ovcf.workflow.from_files import draft_from_files
from ovcf.workflow.look import anchor_of, film_anchors
from ovcf.workflow.on_radiograph import read_in
from tests.assessment.patient import write_patient
from tests.reading.words import edit
from tests.vectors import TRIPLE, TV3


@pytest.fixture(scope="module")
def two_stacks(tmp_path_factory):
    """The small patient with a second T2 of finer make in which the lesion of L1 is as bright as marrow."""
    patient = write_patient(tmp_path_factory.mktemp("two"))
    image = nib.load(patient.folder / "t2.nii.gz")
    voxels = np.asarray(image.dataobj)
    healed = np.where(voxels > 150, voxels, np.where(voxels > 28, 250.0, voxels)).astype(np.float32)
    nib.save(nib.Nifti1Image(healed, image.affine), patient.folder / "t2_again.nii.gz")
    made = draft_from_files(
        [*patient.images, patient.folder / "t2_again.nii.gz"],
        clinical=patient.case,
        labels=[patient.labels],
        anchors=["2=L1"],
        roles=["t2.nii.gz=sagittal T2", "t2_again.nii.gz=sagittal T2"],
    )
    return made.observations, made.assessment.case


def low_t2(assessment):
    return next(m for m in assessment.measurements if m.method.id == "t2-low-percent" and m.index_level == Level.L1)


def test_both_stacks_are_kept_and_one_is_read(two_stacks):
    seen, case = two_stacks
    t2 = [s for s in seen.series if s.role is Role.T2]
    assert len(t2) == 2
    assert {s.uid for s in t2} <= {m.series for m in seen.marrow}
    made = conclude(seen, (), case)
    assert len([m for m in made.measurements if m.method.id == "t2-low-percent" and m.index_level == Level.L1]) == 1


def test_the_reader_chooses_the_stack_and_takes_the_choice_back(two_stacks):
    seen, case = two_stacks
    before = low_t2(conclude(seen, (), case))
    uids = {s.description: s.uid for s in seen.series if s.role is Role.T2}
    other = next(name for name in uids if name != before.source.image)
    choice = edit("ChooseImage", series=uids[other])
    after = low_t2(conclude(seen, (choice,), case))
    assert after.source.image == other
    assert abs(after.value - before.value) > 20
    back = edit("ChooseImage", series=uids[before.source.image])
    assert low_t2(conclude(seen, (choice, back), case)) == before
    assert low_t2(conclude(seen, (choice, edit("Revoke", edit=choice.id)), case)) == before


def test_a_choice_is_stored_and_read_back(two_stacks):
    seen, case = two_stacks
    uid = [s.uid for s in seen.series if s.role is Role.T2][1]
    choice, name = edit("ChooseImage", series=uid), digest(seen)
    version = Version(id="v", observations=name, case=case, edits=(choice,))
    data = to_bytes(ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen}))
    back = from_bytes(data, "r")
    assert back.reading.current.edits == (choice,)
    assert conclude(back.current, back.reading.current.edits, case) == conclude(seen, (choice,), case)


def test_a_better_stack_of_another_part_of_the_spine_hides_nothing(tmp_path):
    """Finer pixels go first, but no body lies on them: the other T2 is read, and nothing is withheld."""
    patient = write_patient(tmp_path)
    fine = nib.Nifti1Image(np.full((9, 80, 80), 90.0, np.float32), np.diag([-4.0, -0.5, 0.5, 1.0]))
    fine.affine[:3, 3] = (0, -500, 900)
    nib.save(fine, patient.folder / "a_neck.nii.gz")
    made = draft_from_files(
        [*patient.images, patient.folder / "a_neck.nii.gz"],
        clinical=patient.case,
        labels=[patient.labels],
        anchors=["2=L1"],
        roles=["t2.nii.gz=sagittal T2", "a_neck.nii.gz=sagittal T2"],
    )
    assert low_t2(made.assessment).source.image.startswith("t2")
    assert not [w for w in made.assessment.withheld if w.name.startswith("marrow signal on sagittal T2")]


def test_an_image_that_was_not_read_cannot_be_chosen(two_stacks):
    seen, case = two_stacks
    with pytest.raises(ReadingError, match=r"series that was read 9\.9"):
        edited(seen, (edit("ChooseImage", series="9.9"),), case)


def film(uid, name="lateral"):
    image = ImagePlane(np.random.default_rng(0).random((150, 100)), (1.0, 1.0), Calibration.CALIBRATED)
    return Series(uid, name, image, Modality.RADIOGRAPH, Role.RADIOGRAPH)


def read_on(series, corners):
    source = series.source("a reader")
    spine = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(level, np.add(points, (20, 40)), sd=0.5, source=source)
            for level, points in zip(TRIPLE, corners, strict=True)
        )
    )
    return RadiographReading(series, spine, 1.0, (), ())


@pytest.fixture
def two_films(monkeypatch):
    """Films of one name with vectors B and D; what the model reads on the second is given, not looked for."""
    monkeypatch.setattr(
        "ovcf.segmentation.film.radiograph.read_radiograph", lambda series, **_: read_on(series, TV3["D"])
    )
    films = film("1.2.3"), film("1.2.4")
    found = Found(radiograph=read_on(films[0], TV3["B"]))
    return draft(Study(series=films), CASE, found, provenance=Provenance("", "", "", ()))


CASE = ClinicalCase(index_level=Level.L1, t_score=-3.0)


def scored(assessment):
    """What NASOVCF takes: 13.8 % and 21.0 degrees on B, 15 % and 0 degrees on D."""
    score = next(s for s in assessment.scores if s.score == "NASOVCF")
    return [i.finding.split()[0] for i in score.items if "height" in i.name or "kyphosis" in i.name]


def test_every_film_is_measured_and_has_a_name_of_its_own(two_films):
    seen = two_films.observations
    assert [s.source.image for s in seen.landmarks] == ["lateral", "lateral (2)"]
    losses = {m.source.image: m.value for m in two_films.assessment.measurements if m.method.id == "vhl-han"}
    assert losses["lateral"] == pytest.approx(13.793103, abs=1e-6)
    assert losses["lateral (2)"] == pytest.approx(15.0)
    assert [view.spine is not None for view in two_films.views] == [True, True]


def test_the_score_takes_the_film_that_the_reader_chose(two_films):
    seen = two_films.observations
    assert scored(conclude(seen, (), CASE))[0].startswith("13.8")
    for choice in (edit("ChooseImage", series="1.2.4"), edit("ChooseImage", landmark_set=seen.landmarks[1].id)):
        assert scored(conclude(seen, (choice,), CASE))[0].startswith("15.0")


def test_a_film_that_cannot_be_read_is_named_and_asks_nothing(monkeypatch):
    def refused(series, **_):
        raise LabelSchemeError(series.description, "shows no spine", "Look at it.")

    monkeypatch.setattr("ovcf.segmentation.film.radiograph.read_radiograph", refused)
    films = film("1.2.3"), film("1.2.4")
    made = draft(
        Study(series=films), CASE, Found(radiograph=read_on(films[0], TV3["B"])), provenance=Provenance("", "", "", ())
    )
    (entry,) = [w for w in made.assessment.withheld if "lateral (2)" in w.reason]
    assert "shows no spine" in entry.reason
    assert entry.remedy.text == "Assess this film by itself."
    assert not made.assessment.questions
    assert made.observations.landmarks[0].source.image == "lateral"


STATE_ONE = Remedy("State one.", RemedyCode.NAME_A_LEVEL)
USUAL = VertebralColumn().levels
SHAPES = {
    Level.T11: (0.9, 0.85),
    Level.T12: (1.0, 0.7),
    Level.L1: (0.6, 0.65),
    Level.L2: (1.05, 0.95),
    Level.L3: (0.95, 1.0),
    Level.L4: (0.8, 0.9),
}
"""Anterior and middle over posterior height."""


def read_as(series, first):
    """All six bodies as the model would read them, the uppermost called ``first``."""
    source = series.source("a model")
    vertebrae, places = [], []
    for number, (anterior, middle) in enumerate(SHAPES.values()):
        y, name = 20.0 + 35 * number, USUAL[USUAL.index(first) + number]
        heights = [24 * anterior, 24.0, 24 * middle]
        points = [(10, y), (40, y), (10, y + heights[0]), (40, y + heights[1]), (25, y), (25, y + heights[2])]
        vertebrae.append(VertebraLandmarks.from_array(name, points, sd=0.5, source=source))
        places.append(Place(number + 1, name, (10.0, y), (40.0, y + 26)))
    return RadiographReading(series, SpineLandmarks(vertebrae=tuple(vertebrae)), 1.0, (), (), tuple(places))


def unsure(shift):
    """A model that is not sure, and takes every body for one ``shift`` places too high unless a level is named."""

    def read(series, *, anchors=None, **_):
        first = USUAL[USUAL.index(Level.T11) - shift]
        if anchors:
            ((number, level),) = anchors.items()
            return read_as(series, USUAL[USUAL.index(level) - number + 1])
        likely = tuple(
            Labelling(tuple(USUAL[USUAL.index(first) + by + k] for k in range(6)), VertebralColumn(), p, p)
            for by, p in ((0, 0.6), (shift, 0.4))
        )
        question = LevelsUncertainError(series.description, "is unsure", STATE_ONE, likely=likely)
        raise question.showing(read_as(series, first))

    return read


def drafted(monkeypatch, reader, first, **found):
    monkeypatch.setattr("ovcf.segmentation.film.radiograph.read_radiograph", reader)
    films = film("1.2.3"), film("1.2.4")
    found = Found(radiograph=first(films[0]), **found)
    return draft(Study(series=films), CASE, found, provenance=Provenance("", "", "", ()))


def test_a_further_film_whose_levels_are_unsure_is_named_by_the_shapes_of_the_first(monkeypatch):
    made = drafted(monkeypatch, unsure(1), lambda series: read_as(series, Level.T11))
    assert not made.assessment.questions
    assert [v.level for v in made.observations.landmarks[1]] == list(SHAPES)
    assert any("as on the first radiograph" in note for note in made.observations.landmarks[1].notes)


def test_where_shapes_do_not_tell_it_is_asked_by_its_own_number_and_the_answer_names_it(monkeypatch):
    made = drafted(monkeypatch, unsure(1), lambda series: read_on(series, TV3["B"]))
    (question,) = made.assessment.questions
    assert (question.image, question.on_radiograph, question.film) == ("lateral (2)", True, 2)
    assert words(question.how).endswith('--level "radiograph 2:NUMBER=LEVEL"')
    asked = [view for view in made.views if view.asked]
    assert [view.image for view in asked] == ["lateral (2)"]
    assert not [m for m in made.assessment.measurements if m.source.image == "lateral (2)"]
    said = film_anchors([anchor_of("radiograph 2:3=L1")])
    answered = drafted(monkeypatch, unsure(1), lambda series: read_on(series, TV3["B"]), film_anchors=said)
    assert not answered.assessment.questions
    assert [v.level for v in answered.observations.landmarks[1]] == list(SHAPES)


def test_two_films_that_are_both_unsure_are_both_asked(monkeypatch):
    def first(series):
        with pytest.raises(LevelsUncertainError) as question:
            unsure(1)(series)
        return question.value

    made = drafted(monkeypatch, unsure(1), first)
    assert [q.film for q in made.assessment.questions] == [1, 2]


def test_an_unsure_film_that_was_turned_is_shown_and_stored_as_its_points_lie(monkeypatch):
    def mirrored(series, **_):
        turned = flipped(series, series.image, 1, "mirrored")
        question = LevelsUncertainError(series.description, "is unsure", STATE_ONE, likely=())
        raise question.showing(read_as(turned, Level.T11))

    study = Study(series=(film("1.2.3"),))
    monkeypatch.setattr("ovcf.segmentation.film.radiograph.read_radiograph", mirrored)
    shown, question = read_in(study)
    assert isinstance(question, LevelsUncertainError)
    assert np.array_equal(shown.series[0].image.pixels, study.series[0].image.pixels[:, ::-1])
