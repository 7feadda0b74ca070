"""What is said of a reading that another release signed: every number that was another one then."""

from dataclasses import replace

from ovcf.reading.at_signing import AtSigning, SignedNumber, SignedScore, since_signing
from ovcf.reading.session import Session
from tests.server.small_reading import small_reading

AT = "2026-01-05T08:00:00+00:00"


def signed(**changes):
    session = Session(small_reading())
    assessment = session.assessment()
    version = session.file.reading.confirmed(assessment, reader="AB", at=AT).current
    return replace(version, **changes), assessment


def as_kept(assessment):
    numbers = tuple(
        SignedNumber(
            method=m.method.id,
            level=m.index_level and m.index_level.value,
            image=m.source.image,
            value=m.value,
            unit=m.unit.value,
        )
        for m in assessment.measurements
    )
    scores = tuple(SignedScore(score=s.score, status=s.status, total=s.total, group=s.group) for s in assessment.scores)
    return AtSigning(numbers=numbers, scores=scores)


def test_what_this_release_signed_needs_no_word():
    version, assessment = signed()
    assert since_signing(version, assessment, as_kept(assessment)) == ()


def test_that_all_is_the_same_is_said():
    version, assessment = signed(signed_with="ovcf 0.2.0")
    (told,) = since_signing(version, assessment, as_kept(assessment))
    assert told.startswith("This reading was signed with ovcf 0.2.0.")
    assert "as it was when it was signed" in told


def test_without_what_was_kept_nothing_is_claimed():
    version, assessment = signed(signed_with="ovcf 0.2.0")
    (told,) = since_signing(version, assessment)
    assert "compare with the report of that day" in told


def test_every_number_that_was_another_one_is_named():
    version, assessment = signed(signed_with="ovcf 0.2.0")
    kept = as_kept(assessment)
    loss = next(n for n in kept.numbers if n.method == "vhl-han")
    score = kept.scores[0]
    other = replace(
        kept,
        numbers=tuple(replace(n, value=12.5) if n is loss else n for n in kept.numbers),
        scores=(replace(score, total=2.0, group="low", status="complete"), *kept.scores[1:]),
    )
    first, of_score, of_loss = since_signing(version, assessment, other)
    assert "What is another number now stands below" in first
    assert "was 2 (low) when it was signed" in of_score
    assert "was 12.5 % when it was signed" in of_loss


def test_what_is_no_longer_measured_is_named():
    version, assessment = signed(signed_with="ovcf 0.2.0")
    gone = AtSigning(numbers=(SignedNumber(method="old", level="L1", image="T2 SAG", value=3.0, unit="mm"),))
    _, told = since_signing(version, assessment, gone)
    assert told == "L1 old (T2 SAG) was 3 mm when it was signed; now: not measured"


def test_an_addendum_begins_without_the_mark():
    session = Session(small_reading())
    reading = session.file.reading.confirmed(session.assessment(), reader="AB", at=AT)
    again = reading.addendum(id_="v2", reader="AB", at=AT, reason="look again")
    assert reading.current.signed_with.startswith("ovcf ")
    assert again.current.signed_with == ""
