"""Landmark files in and out, and everything that can be wrong with one."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import LandmarkError, MissingFileError, OutputError, UnreadableFileError
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.segmentation.points.landmark_file import landmark_schema, read_landmarks, read_survey_person, write_landmarks
from ovcf.vocabulary import Modality, Posture
from tests.shared_data import shared

CSV = """# modality: MR
# posture: supine
# placed_by: first reader
level,point,x_mm,y_mm,sd
L1,superior_anterior,10,20,0.5
L1,superior_posterior,40,21,0.5
L1,inferior_anterior,11,45,0.6
L1,inferior_posterior,41,46,0.6
th12,SA,8,-12.5,0.5
th12,SP,38,\N{MINUS SIGN}11,0.5
th12,IA,9,12,0.5
th12,IP,39,13,0.5
"""
L1 = {
    "level": "L1",
    "superior_anterior": [10, 20],
    "superior_posterior": [40, 21],
    "inferior_anterior": [11, 45],
    "inferior_posterior": [41, 46],
}


def csv_file(tmp_path, text):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    return path


def json_file(tmp_path, **changes):
    path = tmp_path / "points.json"
    path.write_text(json.dumps({"unit": "mm", "vertebrae": [L1]} | changes))
    return path


def test_csv(tmp_path):
    spine = read_landmarks(csv_file(tmp_path, CSV))
    assert [v.level for v in spine] == [Level.T12, Level.L1]
    assert spine[Level.T12].superior_anterior == (8.0, -12.5)
    assert spine[Level.T12].superior_posterior == (38.0, -11.0)
    assert spine[Level.L1].sd == (0.5, 0.5, 0.6, 0.6)
    assert spine[Level.L1].source == Source(
        modality=Modality.MR, posture=Posture.SUPINE, placed_by="first reader", calibrated=True
    )


def test_semicolons_and_middles_and_pixels(tmp_path):
    rows = ["L1;SA;0;0", "L1;SP;30;0", "L1;IA;0;25", "L1;IP;30;25", "L1;superior middle;15;1", "L1;IM;15;24"]
    spine = read_landmarks(csv_file(tmp_path, "\n".join(["Level;Point;x_px;y_px", *rows])))
    assert spine[Level.L1].superior_middle == (15.0, 1.0)
    assert not spine[Level.L1].source.calibrated


def test_json(tmp_path):
    spine = read_landmarks(json_file(tmp_path, vertebrae=[{**L1, "sd": 0.5, "unusable": "cemented"}], lumbar=6))
    assert spine[Level.L1].sd == (0.5, 0.5, 0.5, 0.5)
    assert spine.why_unusable(Level.L1) == "cemented"
    assert spine.column == VertebralColumn(lumbar=6)


def test_an_image_that_faces_right_is_turned(tmp_path):
    facing_right = {k: [-v[0], v[1]] if isinstance(v, list) else v for k, v in L1.items()}
    turned = read_landmarks(json_file(tmp_path, vertebrae=[facing_right], anterior_is="larger x"))
    assert turned == read_landmarks(json_file(tmp_path))


def test_what_is_written_is_read_back(tmp_path):
    points = np.array([(0, 0), (30, 1), (1, 25), (31, 26), (15, 2.5), (16, 23.25)])
    source = Source(modality=Modality.CT, posture=Posture.SUPINE, placed_by="Dr Ä", image="a.nii", calibrated=False)
    spread = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    spine = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(level, points + np.array([0, 40 * i]), sd=spread, source=source)
            for i, level in enumerate((Level.T12, Level.T13, Level.L1))
        ),
        column=VertebralColumn(thoracic=13),
        unusable=((Level.T13, "fractured"),),
    )
    write_landmarks(spine, tmp_path / "out.json")
    assert read_landmarks(tmp_path / "out.json") == spine
    with pytest.raises(OutputError, match="cannot be written"):
        write_landmarks(spine, tmp_path / "no such folder" / "out.json")
    with pytest.raises(LandmarkError, match="no landmarks to write"):
        write_landmarks(SpineLandmarks(vertebrae=()), tmp_path / "out.json")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "L1,superior_anterior,10,20,0.5",
            "L1,superior_anterior,10,5,20,0.5",
            r"line 5: has 6 values for 5 columns. .*12.5",
        ),
        ("10,20,0.5", '"10,5",20,0.5', r"line 5: '10,5' is not a number. Write decimals with a point"),
        ("10,20,0.5", "ten,20,0.5", r"line 5: 'ten' is not a number. Give a number"),
        ("10,20,0.5", "nan,20,0.5", r"line 5: 'nan' is not a number. Give a number"),
        ("10,20,0.5", "10,20,", r"L1: only some points have an SD"),
        ("L1,inferior_posterior,41,46,0.6\n", "", r"L1 inferior_posterior: is missing. .*all four corners"),
        ("L1,inferior_posterior", "L1,superior_anterior", r"line 8: superior_anterior of L1 is given twice"),
        ("L1,inferior_posterior", "L1,posterior", r"line 8: 'posterior' is no point"),
        ("th12,SA", "L7,SA", r"line 9: 'L7' is not a vertebral level"),
        ("level,point,x_mm,y_mm", "level,point,x,y", r"line 4: the columns are level, point, x, y"),
        ("# modality: MR", "# modality: ultrasound", r"modality: Input should be"),
        ("# modality: MR", "# reader: me", r"reader: is not a field"),
    ],
)
def test_a_faulty_csv_names_file_line_and_remedy(tmp_path, old, new, message):
    assert old in CSV
    with pytest.raises(LandmarkError, match=rf"points\.csv, {message}"):
        read_landmarks(csv_file(tmp_path, CSV.replace(old, new, 1)))


def moved(**points):
    return [{**L1, **points}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vertebrae": [{**L1, "level": "L9"}]}, r"'L9' is not a vertebral level"),
        ({"vertebrae": [L1, L1]}, r"a level appears twice"),
        ({"vertebrae": []}, r"holds no vertebra"),
        ({"vertebrae": moved(superior_anterior=["10,5", 20])}, r"L1 superior_anterior 0: .*Write decimals with"),
        ({"vertebrae": moved(superior_anterior=[float("nan"), 20])}, r"landmarks of L1: a coordinate is not a finite"),
        ({"vertebrae": moved(superior_anterior=None)}, r"L1 superior_anterior: "),
        ({"vertebrae": [{k: v for k, v in L1.items() if k != "inferior_anterior"}]}, r"inferior_anterior: is missing"),
        ({"anterior_is": "larger x"}, r"landmarks of L1: anterior lies behind posterior: .*mirrored or swapped"),
        ({"vertebrae": moved(superior_anterior=[10, 60], superior_posterior=[40, 61])}, r"of L1: .*upside down"),
        (
            {
                "vertebrae": [
                    {**L1, "level": "L2"},
                    {**{k: [v[0], v[1] + 40] for k, v in L1.items() if k != "level"}, "level": "T12"},
                ]
            },
            r"do not run from cranial to caudal",
        ),
        ({"vertebrae": moved(superior_middle=[25, 21])}, r"only one endplate has a middle point"),
        ({"vertebrae": moved(superior_anteriro=[25, 21])}, r"L1 superior_anteriro: is not a field"),
        ({"unit": "cm"}, r"unit: Input should be 'mm' or 'px'"),
        ({"lumbar": 8}, r"8 lumbar vertebrae are not a known variant"),
    ],
)
def test_a_faulty_json_names_file_place_and_remedy(tmp_path, changes, message):
    with pytest.raises(LandmarkError, match=rf"points\.json.*{message}"):
        read_landmarks(json_file(tmp_path, **changes))


def test_what_is_no_landmark_file_is_refused(tmp_path):
    with pytest.raises(MissingFileError, match="does not exist"):
        read_landmarks(tmp_path / "none.json")
    (tmp_path / "image.json").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(UnreadableFileError, match="is not a text file"):
        read_landmarks(tmp_path / "image.json")
    (tmp_path / "cut.json").write_text('{"unit": "mm",\n "vertebrae": [')
    with pytest.raises(UnreadableFileError, match=r"cut.json, line 2: is not valid JSON"):
        read_landmarks(tmp_path / "cut.json")
    with pytest.raises(UnreadableFileError, match="holds no table"):
        read_landmarks(csv_file(tmp_path, "# modality: MR\n"))


def test_the_schema_describes_the_file():
    schema = landmark_schema()
    assert set(schema["required"]) == {"unit", "vertebrae"}
    assert "superior_middle" in schema["$defs"]["VertebraEntry"]["properties"]


def test_a_person_of_the_survey():
    """Heights must be the survey's own columns (DXXPOSTH, DXXANTEH, DXXMIDH of L1) to its rounding."""
    spine = read_survey_person(shared("nhanes-2013-2014"), 73559)
    assert [v.level for v in spine] == [v for v in Level if Level.T4.rank <= v.rank <= Level.L4.rank and v != Level.T13]
    assert not spine[Level.L1].source.calibrated
    p = spine[Level.L1].array
    heights = [np.linalg.norm(p[i] - p[j]) for i, j in ((1, 3), (0, 2), (4, 5))]
    assert heights == pytest.approx([78.8, 71.9, 70.6], abs=0.4)
    assert (p[0] < p[1])[0]


def test_a_person_the_survey_does_not_have():
    with pytest.raises(LandmarkError, match=r"SEQN 1: has no landmarks in the survey"):
        read_survey_person(shared("nhanes-2013-2014"), 1)
    with pytest.raises(MissingFileError, match="DXXT4_H"):
        read_survey_person(shared("ct-vertebrae"), 73559)


def test_the_examples_are_the_same_published_case():
    """Landmark vector B in both formats."""
    folder = Path(__file__).resolve().parents[2] / "examples"
    spine = read_landmarks(folder / "landmarks.json")
    assert spine == read_landmarks(folder / "landmarks.csv")
    assert vertebral_height_loss(spine, Level.L1).value == pytest.approx(13.793103, abs=1e-6)


def scaled(factor):
    return [{k: v if k == "level" else [factor * x for x in v] for k, v in L1.items()}]


@pytest.mark.parametrize("factor", [1000, 10, 0.1, 0.001])
def test_a_body_of_metres_or_microns_is_refused_with_what_is_possible(tmp_path, factor):
    with pytest.raises(LandmarkError, match=r"landmarks of L1: a body of .* mm depth is not possible \(8 to 80 mm are"):
        read_landmarks(json_file(tmp_path, vertebrae=scaled(factor)))
    assert read_landmarks(json_file(tmp_path, vertebrae=scaled(factor), unit="px"))


def test_neighbours_half_a_metre_apart_are_refused(tmp_path):
    far = {k: v if k == "level" else [v[0], v[1] + 500] for k, v in L1.items()} | {"level": "L2"}
    with pytest.raises(LandmarkError, match="L1 and L2: 500 mm between the centres are not possible"):
        read_landmarks(json_file(tmp_path, vertebrae=[L1, far]))


def test_an_sd_larger_than_a_body_is_refused(tmp_path):
    with pytest.raises(LandmarkError, match="an SD of 500 mm is not possible"):
        read_landmarks(json_file(tmp_path, vertebrae=[{**L1, "sd": 500}]))


@pytest.mark.parametrize("text", ["1_5", "1e999", "nan", "\N{FULLWIDTH DIGIT ONE}0", "0x10"])
def test_only_plain_numbers_are_coordinates(tmp_path, text):
    with pytest.raises(LandmarkError, match="is not a number"):
        read_landmarks(csv_file(tmp_path, CSV.replace("10,20,0.5", f"{text},20,0.5", 1)))
    with pytest.raises(LandmarkError, match="is not a number"):
        read_landmarks(json_file(tmp_path, vertebrae=moved(superior_anterior=[text, 20])))


def test_a_field_given_twice_is_refused(tmp_path):
    path = json_file(tmp_path)
    path.write_text(path.read_text().replace("{", '{"unit": "px", ', 1))
    with pytest.raises(LandmarkError, match="unit: is given twice"):
        read_landmarks(path)


def test_a_line_of_blanks_costs_no_more_than_its_length(tmp_path):
    started = time.process_time()
    with pytest.raises((LandmarkError, UnreadableFileError)):
        read_landmarks(
            csv_file(tmp_path, "#" + " " * 300_000 + "\n" + CSV.replace("L1,", "L1" + "x" * 140_000 + ",", 1))
        )
    assert time.process_time() - started < 2
