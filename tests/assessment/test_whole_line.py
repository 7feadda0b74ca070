"""From files to an assessment: known truth comes out, and how the files are stored does not matter."""

from dataclasses import replace

import numpy as np
import pytest

import ovcf
from ovcf.assessment.findings.kinds import EdemaBesideEndplates, EdemaLevel, OfSuggestion, RecencySign
from ovcf.errors import RemedyCode
from ovcf.imaging.study import Role
from ovcf.report.serialise import to_json
from ovcf.scores.result import Condition, Status, Withholding
from ovcf.vocabulary import BmeLevel
from ovcf.workflow.from_files import draft_from_files, read_images
from tests.assessment.patient import write_patient


def assess(patient, **changed):
    options = {"clinical": patient.case, "labels": [patient.labels], "anchors": ["2=L1"], **changed}
    return draft_from_files(patient.images, **options)


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    return write_patient(tmp_path_factory.mktemp("patient"))


@pytest.fixture(scope="module")
def draft(patient):
    return assess(patient)


def values(assessment, method, image=None):
    return [
        m.value
        for m in assessment.measurements
        if m.method.id == method and m.index_level == "L1" and (image is None or image in m.source.image)
    ]


def finding(assessment, kind):
    return next(f.data for f in assessment.findings if isinstance(f.data, kind) and f.level == "L1")


def test_each_series_is_named_with_a_reason(draft):
    assert {s.role for s in draft.assessment.series} == {Role.T1, Role.T2, Role.STIR}
    assert all(s.reasons for s in draft.assessment.series)


def test_height_loss_is_that_of_the_drawn_bodies_within_its_stated_uncertainty(patient, draft):
    (m,) = [m for m in draft.assessment.measurements if m.method.id == "vhl-han" and m.index_level == "L1"]
    assert m.value == pytest.approx(patient.vhl_percent, abs=2 * m.standard_uncertainty)
    assert m.standard_uncertainty < 4


def test_edema_and_t2_pattern_are_those_drawn(patient, draft):
    assert values(draft.assessment, "bme-percent") == [pytest.approx(patient.edema_percent, abs=4)]
    assert finding(draft.assessment, EdemaLevel).level is BmeLevel.MODERATE
    assert values(draft.assessment, "t2-low-percent") == [pytest.approx(patient.edema_percent, abs=5)]
    assert finding(draft.assessment, RecencySign).recent


def test_the_score_follows_from_the_measurements_and_says_how_sure_it_is(draft):
    result = next(s for s in draft.assessment.scores if s.score == "NASOVCF")
    assert result.status is Status.COMPLETE
    points = {i.name: i.points for i in result.items}
    assert points["Vertebral height loss"] == 2
    assert points["Bone mineral density T-score"] == 2
    assert sum(p for _, p in result.total_probability) == pytest.approx(1)
    assert any("radiograph" in a for a in result.advisories)


def test_what_needs_the_canal_is_withheld_with_what_to_do(draft):
    entries = [w for w in draft.assessment.withheld if "VBQ" in w.name]
    assert [w.name for w in entries] == ["Vertebral bone quality (VBQ)", "Bone quality on T2 (VBQ-CSF)"]
    for entry in entries:
        assert "canal" in entry.reason
        assert entry.remedy


def test_every_statement_score_and_finding_has_its_numbered_reference(draft):
    a = draft.assessment
    cited = {e for x in (*a.guidance, *a.scores, *a.findings) for e in x.evidence}
    assert cited <= {r.id for r in a.references}
    assert [r.number for r in a.references] == list(range(1, len(a.references) + 1))


def test_edema_is_shown_where_it_was_counted(draft):
    (stir,) = [v for v in draft.views if "stir" in v.title]
    share = stir.overlay.sum() * stir.spacing[0] * stir.spacing[1]
    assert share == pytest.approx(34 * 21.5 / 2, rel=0.25)


@pytest.mark.parametrize(
    ("axes", "flips"), [((2, 1, 0), (1, 1, 1)), ((1, 2, 0), (-1, 1, -1)), ((0, 1, 2), (-1, -1, -1))]
)
def test_order_and_sense_of_the_stored_axes_change_nothing(tmp_path, draft, axes, flips):
    stored = write_patient(tmp_path, axes=axes, flips=flips)
    other = assess(stored).assessment

    def table(assessment):
        return {(m.method.id, m.levels, m.source.image): m.value for m in assessment.measurements}

    expected, found = table(draft.assessment), table(other)
    assert found.keys() == expected.keys()
    assert [found[k] for k in expected] == pytest.approx(list(expected.values()), rel=1e-6, abs=1e-6)


def test_the_reader_goes_before_the_machine(patient, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text(
        patient.case.read_text() + 'vhl_percent = 3\nlocal_kyphosis_deg = 2\nt2_pattern = "confined high"\n'
    )
    result = next(s for s in assess(patient, clinical=case).assessment.scores if s.score == "NASOVCF")
    assert result.total == 2
    assert result.total_probability == ()
    assert any("entered by the reader" in a for a in result.advisories)


def with_facts(patient, tmp_path, facts):
    case = tmp_path / "case.toml"
    case.write_text(patient.case.read_text() + facts)
    return assess(patient, clinical=case).assessment


def recency_of(assessment, level):
    return [f.data.recent for f in assessment.findings if isinstance(f.data, RecencySign) and f.level == level]


def test_edema_of_a_cemented_vertebra_is_not_read_as_a_recent_fracture(patient, tmp_path):
    assessment = with_facts(patient, tmp_path, 'cemented_levels = ["L1"]\n')
    assert values(assessment, "bme-percent")
    assert recency_of(assessment, "L1") == []
    assert any(w.level == "L1" and "cement" in w.reason for w in assessment.withheld)
    assert "L1" not in [f.level for f in assessment.suggested_fractures]
    assert not any(isinstance(f.data, OfSuggestion) and f.level == "L1" for f in assessment.findings)
    result = next(s for s in assessment.scores if s.score == "NASOVCF")
    assert (result.total, result.items, result.withheld) == (None, (), (Withholding.TREATED,))


def test_a_declared_lesion_elsewhere_is_neither_recent_nor_suggested_nor_classed(patient, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text('index_level = "L3"\nfocal_lesions = ["L1"]\n')
    assessment = assess(patient, clinical=case).assessment
    assert recency_of(assessment, "L1") == []
    assert recency_of(assessment, "L3") == [False]
    assert "L1" not in [f.level for f in assessment.suggested_fractures]
    assert not any(isinstance(f.data, OfSuggestion) and f.level == "L1" for f in assessment.findings)


@pytest.mark.parametrize(
    ("facts", "withheld", "conditions"),
    [
        ('treatment = "none"\n', (), ()),
        ("", (), (Condition.UNTREATED,)),
        ('treatment = "none"\nrecent_fracture = false\n', (Withholding.NOT_RECENT,), ()),
    ],
)
def test_the_measured_sign_makes_the_score_hold_unless_the_reader_says_otherwise(
    patient, tmp_path, facts, withheld, conditions
):
    result = next(s for s in with_facts(patient, tmp_path, facts).scores if s.score == "NASOVCF")
    assert (result.withheld, result.conditions) == (withheld, conditions)


def test_a_fractured_neighbour_withholds_height_loss_and_the_score_stays_open(patient, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text(patient.case.read_text() + 'old_fractures = ["L2"]\n')
    assessment = assess(patient, clinical=case).assessment
    assert values(assessment, "vhl-han") == []
    (entry,) = [w for w in assessment.withheld if w.name.startswith("Vertebral height loss")]
    assert "L2 is fractured" in entry.reason
    result = next(s for s in assessment.scores if s.score == "NASOVCF")
    assert result.status is Status.INCOMPLETE
    assert result.total is None


def test_without_an_index_vertebra_none_is_chosen(patient):
    assessment = draft_from_files(patient.images, labels=[patient.labels], anchors=["2=L1"]).assessment
    assert assessment.index_level is None
    assert any(w.remedy.code is RemedyCode.NAME_THE_INDEX_VERTEBRA for w in assessment.withheld)
    assert [(f.level, f.data.recent) for f in assessment.suggested_fractures] == [("L1", True)]
    assert any(m.method.id == "vhl-han" for m in assessment.measurements)


def test_of_series_on_one_grid_the_label_map_belongs_to_the_t2(draft):
    assert {s.source.image for s in (v for spine in draft.assessment.landmarks for v in spine)} == {"t2.nii.gz"}


def test_python_says_the_same_as_the_command_line(patient, draft):
    made = ovcf.assess(patient.images, clinical=patient.case, labels=patient.labels, anchors=["2=L1"])
    assert made.measurements == draft.assessment.measurements
    assert made.scores == draft.assessment.scores


def test_images_with_a_gain_give_the_same_signal_measurements(patient, draft, tmp_path):
    import nibabel as nib

    for path in patient.images:
        image = nib.load(path)
        nib.save(nib.Nifti1Image(np.asarray(image.dataobj) * 7.3, image.affine), tmp_path / path.name)
    other = draft_from_files(
        [tmp_path / p.name for p in patient.images], clinical=patient.case, labels=[patient.labels], anchors=["2=L1"]
    )
    for method in ("bme-percent", "t2-low-percent", "t1-low-percent"):
        assert values(other.assessment, method) == pytest.approx(values(draft.assessment, method), abs=1e-3)


def test_voxels_without_a_number_are_missing_signal_and_not_dark_marrow(patient, tmp_path):
    import nibabel as nib

    body = np.argwhere(np.asarray(nib.load(patient.labels).dataobj) == 2)
    third = int(np.quantile(body[:, 2], 1 / 3))
    for path in patient.images:
        image = nib.load(path)
        voxels = np.asarray(image.dataobj).copy()
        voxels[:, :, body[:, 2].min() - 1 : third] = np.nan
        nib.save(nib.Nifti1Image(voxels, image.affine), tmp_path / path.name)
    images = [tmp_path / p.name for p in patient.images]
    made = draft_from_files(images, clinical=patient.case, labels=[patient.labels], anchors=["2=L1"])
    seen = body[body[:, 2] >= third]
    dark_percent = 100 * np.mean(seen[:, 1] < np.median(body[:, 1]))
    for method in ("t2-low-percent", "t1-low-percent"):
        assert values(made.assessment, method) == [pytest.approx(dark_percent, abs=5)]
    (low,) = [m for m in made.assessment.measurements if m.method.id == "t2-low-percent"]
    assert any("outside the series" in warning for warning in low.warnings)
    assert all(np.isfinite(view.pixels).all() for view in made.views)


def test_edema_on_slices_of_differing_brightness_is_withheld_and_neither_drawn_nor_placed(patient, tmp_path):
    import nibabel as nib

    across = 0 if nib.aff2axcodes(nib.load(patient.images[0]).affine)[0] in "LR" else 2
    for path in patient.images:
        image = nib.load(path)
        voxels = np.asarray(image.dataobj, float)
        if "stir" in path.name:
            gain = np.resize([1.0, 2.0, 4.0], voxels.shape[across])
            voxels = voxels * np.expand_dims(gain, tuple(axis for axis in range(3) if axis != across))
        nib.save(nib.Nifti1Image(voxels, image.affine), tmp_path / path.name)
    images = [tmp_path / p.name for p in patient.images]
    made = draft_from_files(images, clinical=patient.case, labels=[patient.labels], anchors=["2=L1"])
    (withheld,) = [w for w in made.assessment.withheld if w.name == "bone marrow edema"]
    assert "varies by" in withheld.reason
    assert "by eye" in withheld.remedy.text
    assert values(made.assessment, "bme-percent") == []
    assert not any(isinstance(f.data, EdemaLevel | EdemaBesideEndplates) for f in made.assessment.findings)
    (stir,) = [v for v in made.views if "stir" in v.title]
    assert stir.overlay is None


def test_images_read_before_and_no_pictures_change_nothing_of_the_assessment(patient, draft):
    """A batch reads the images once for all it makes of them, and draws none for a reading that nobody keeps."""
    bare = assess(patient, images=read_images(patient.images), pictured=False)
    assert draft.pictures
    assert not bare.pictures
    when = draft.assessment.provenance
    assert to_json(replace(bare.assessment, provenance=when)) == to_json(draft.assessment)
