"""Sentences in a reading file: they can be said in another language after they were kept, and are never other ones."""

import dataclasses
import io
import json
import zipfile

from ovcf.errors import Remedy
from ovcf.language.spoken import speaking, tr
from ovcf.language.worded import Worded, joined, say
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from tests.server.small_reading import small_reading

THICK = say("slices {thick:.1f} mm apart: heights are uncertain", thick=4.4)
SEEN = say("{name}: {note}", name="T1 SAG", note=say("has no label {missing}", missing=7))


def told():
    """The small reading with a sentence in every place that holds one."""
    file = small_reading()
    (digest_,) = file.observations
    seen = file.observations[digest_]
    first, *others = seen.landmarks
    body, *more = first.vertebrae
    unseen = (say("marrow signal on {value}", value="T1"), THICK, Remedy(say("Choose: {join}.", join="T1")))
    marked = dataclasses.replace(
        first,
        vertebrae=(dataclasses.replace(body, withheld=THICK), *more),
        unusable=((body.id, SEEN),),
        withheld=(unseen,),
        notes=(SEEN,),
    )
    new = dataclasses.replace(
        seen,
        series=tuple(
            dataclasses.replace(s, reasons=(THICK, joined(", ", ["fat suppressed", SEEN]))) for s in seen.series
        ),
        landmarks=(marked, *others),
        marrow=tuple(dataclasses.replace(m, apart={body.id: SEEN}) for m in seen.marrow),
        withheld=(unseen,),
        skipped=(("a.dcm", SEEN),),
        warnings=(THICK,),
        notes=(SEEN,),
    )
    versions = tuple(dataclasses.replace(v, observations=digest(new)) for v in file.reading.versions)
    return ReadingFile(reading=dataclasses.replace(file.reading, versions=versions), observations={digest(new): new})


def sentences(value):
    """Every sentence with values in it, wherever it stands."""
    if isinstance(value, Worded):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from sentences(getattr(value, field.name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from sentences(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from sentences(one)


def member_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".words.json")]
        return name, json.loads(archive.read(name))


def with_member(data, change):
    """The archive with its sentences changed, or without them."""
    name, words = member_of(data)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
        if change is not None:
            new.writestr(name, json.dumps(change(words)))
    return made.getvalue()


def test_every_sentence_comes_back_and_is_said_in_chinese():
    file = told()
    again = from_bytes(to_bytes(file), "r").current
    assert again == file.current
    before, after = list(sentences(file.current)), list(sentences(again))
    assert [(s, s.template) for s in after] == [(s, s.template) for s in before]
    assert len(after) > 8
    with speaking("zh"):
        assert tr(again.warnings[0]) == "层间距 4.4 mm：高度不确定"
        assert tr(again.series[0].reasons[1]) == "脂肪抑制、T1 SAG：没有标签 7"
        assert tr(again.withheld[0][0]) == "T1上的骨髓信号"


def test_a_file_from_before_is_read_in_english_and_equal_files_are_equal_bytes():
    data = to_bytes(told())
    old = from_bytes(with_member(data, None), "r").current
    assert old == told().current
    assert list(sentences(old)) == []
    assert to_bytes(from_bytes(data, "r")) == data


def test_what_does_not_make_the_very_same_english_is_not_believed():
    data = to_bytes(told())

    def other(words):
        words[str(THICK)]["values"]["thick"] = {"is": 1.0}
        return words

    def reaching(words):
        words[str(THICK)]["template"] = "{thick.__class__}"
        return words

    def endless(words):
        words[str(THICK)]["template"] = "{thick:>999999999}"
        return words

    for change in (other, reaching, endless, lambda _: ["no sentences"], lambda _: {str(THICK): 3}):
        seen = from_bytes(with_member(data, change), "r").current
        assert seen == told().current
        with speaking("zh"):
            assert tr(seen.warnings[0]) == THICK
