"""``ovcf study new | check | screen | enrol | treat | withdraw | form``: protocol and patients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say
from ovcf.cli.study.data import add_to as add_data
from ovcf.cli.study.opened import Acting, Which, day, opened, pairs, word
from ovcf.cli.study.readers import add_to as add_readers
from ovcf.cli.study.sites import add_to as add_sites
from ovcf.cli.study.training import add_to as add_training

if TYPE_CHECKING:
    from ovcf.study.protocol.model import Protocol

app = App(
    name="study",
    help="A study by its protocol: screen, enrol, fill in forms, ask, read blinded, judge, lock, merge sites.",
    help_epilogue="Begin with `ovcf study example --out protocol.toml`, and `ovcf study new protocol.toml`.",
)
_MANY = Parameter(consume_multiple=True, negative=())
Values = Annotated[tuple[str, ...], _MANY]


@app.command
def example(name: str = "han-validation", *, out: Path = Path("protocol.toml")) -> None:
    """Write a protocol that comes with ovcf, to be changed: a validation of NASOVCF with Han's criteria.

    Args:
        name: han-validation.
        out: The file; one that is there is never replaced.
    """
    from ovcf.files.result_file import write_file
    from ovcf.study.protocol.read import shipped

    say(write_file(out, shipped(name).encode()))


@app.command
def new(protocol: Path, *, amend: str | None = None, as_: Acting = None) -> None:
    """Begin a study from its protocol, or amend it with a new version.

    Try

        ovcf study new protocol.toml

        ovcf study new protocol-1.1.toml --amend "The ethics committee asked for a visit at 12 months"

    Args:
        protocol: The TOML file.
        amend: The study is there already, and this is why its protocol changes.
    """
    from ovcf.registry.access import Act
    from ovcf.study.conduct import studies
    from ovcf.study.protocol.read import read_protocol

    read = read_protocol(protocol)
    with opened(as_, Act.MANAGE_STUDY) as here:
        if amend is None:
            with here.registry.writing(here.person.id) as writer:
                studies.begin(writer, read)
        else:
            with here.writing(read.id) as (writer, study):
                studies.amend(writer, study, read, amend)
    say(f"{read.id}: protocol {read.version} is in force (digest {read.digest[:16]})")


@app.command
def check(protocol: Path | None = None, *, study: Which = None, as_: Acting = None) -> None:
    """Check a protocol file, or say how a study stands and what it asks for next.

    Args:
        protocol: A TOML file; without one, the study in the registry is looked at.
    """
    if protocol is not None:
        from ovcf.study.protocol.read import read_protocol

        read = read_protocol(protocol)
        _say_protocol(read)
        return
    from ovcf.registry.access import Act
    from ovcf.study.conduct.progress import standing
    from ovcf.study.conduct.studies import in_force, study_named

    with opened(as_, Act.READ_CASES) as here, here.registry.reading() as session:
        there = study_named(session, study)
        _say_protocol(in_force(session, there)[1])
        for line in standing(session, here.registry, there):
            say(line)


@app.command
def screen(
    code: str,
    *,
    fact: Values = (),
    clinical: Path | None = None,
    on: str | None = None,
    reason: str = "",
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Judge a candidate by the criteria of the protocol, and keep the judgement in the screening log.

    Try

        ovcf study screen P-007 --fact age_years=74 index_level=L1 t_score=-2.8 t1_low=yes

        ovcf study screen P-007 --clinical case.toml

        ovcf study screen P-007 --fact t_score=-2.6 --reason "DXA came"

    Args:
        code: The pseudonym; never a name.
        fact: NAME=VALUE, as the criteria name them; yes and no, numbers, words.
        clinical: A clinical file whose fields are the facts.
        on: The day, YYYY-MM-DD; today if left out.
        reason: Why a candidate is screened again; facts that were given before still hold.
    """
    from ovcf.clinical.read_case import read_case
    from ovcf.registry.access import Act
    from ovcf.study.conduct.criteria import Answer, as_fact, facts_of
    from ovcf.study.conduct.screening import screen as judge
    from ovcf.study.conduct.studies import in_force

    facts = facts_of(read_case(clinical)) if clinical is not None else {}
    facts |= {name: as_fact(value) for name, value in pairs(fact, "--fact").items()}
    with opened(as_, Act.WRITE_FACTS) as here, here.writing(study) as (writer, there):
        _, judged = judge(writer, there, here.person, code, facts, on=day(on), reason=reason)
        criteria = in_force(writer.session, there)[1].criteria
    for criterion in criteria:
        answer = judged.answers[criterion.id]
        good = answer is (Answer.NOT_MET if criterion.exclusion else Answer.MET)
        mark = "ok " if good else "?  " if answer is Answer.UNKNOWN else "no "
        asks = f" (fact {criterion.fact})" if answer is Answer.UNKNOWN else ""
        say(f"{mark} {'exclusion' if criterion.exclusion else 'inclusion'}: {criterion.text}: {answer}{asks}")
    why = f": {'; '.join(c.text for c in judged.because)}" if judged.because else ""
    say(f"{code}: {judged.decision}{why}")


@app.command
def enrol(
    code: str,
    *,
    on: str | None = None,
    arm: str | None = None,
    consent_on: str | None = None,
    fractured_on: str | None = None,
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Take an eligible candidate into the study. The patient gets a number of the study, such as AKH-001.

    Try

        ovcf study enrol P-007 --consent-on 2026-01-09 --on 2026-01-10

    Args:
        code: The pseudonym.
        on: The day of enrolment, YYYY-MM-DD; today if left out. Visits are counted from it.
        arm: Which arm, where the protocol has several.
        consent_on: The day of consent.
        fractured_on: The day of the fracture, where it is known.
    """
    from ovcf.registry.access import Act
    from ovcf.registry.service import patient_named
    from ovcf.study.conduct.screening import enrol as take_in

    with opened(as_, Act.WRITE_FACTS) as here, here.writing(study) as (writer, there):
        patient = patient_named(writer.session, code, site=here.person.site_id)
        made = take_in(
            writer,
            there,
            patient,
            on=day(on),
            arm=arm,
            consent_on=day(consent_on) if consent_on else None,
            fractured_on=day(fractured_on) if fractured_on else None,
        )
        said = f"{code}: enrolled as {made.number}, arm {made.arm}"
    say(said)


@app.command
def treat(number: str, kind: str, *, on: str, level: Values = (), study: Which = None, as_: Acting = None) -> None:
    """Record a treatment. One that another arm stands for is a crossover: the patient stays in the arm of enrolment.

    Args:
        number: The number of the study.
        kind: conservative, vertebroplasty, kyphoplasty, surgery, drug.
        on: The day it began.
        level: The vertebrae that were treated.
    """
    from ovcf.registry.access import Act
    from ovcf.registry.words import TreatmentKind
    from ovcf.study.conduct.screening import crossovers
    from ovcf.study.conduct.screening import treat as record
    from ovcf.study.conduct.studies import enrolment_of

    with opened(as_, Act.WRITE_FACTS) as here, here.writing(study) as (writer, there):
        enrolment = enrolment_of(writer.session, there, number)
        record(writer, enrolment, word(kind, TreatmentKind, "kind"), on=day(on), levels=level)
        crossed = bool(crossovers(writer.session, there, [enrolment]))
        arm = enrolment.arm
    say(f"{number}: {kind} from {on}" + (f"; a crossover, analysed in the arm {arm} as enrolled" if crossed else ""))


@app.command
def withdraw(
    number: str,
    kind: str,
    *,
    on: str,
    because: str = "",
    discard: bool = False,
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Record that a patient left. Nothing is deleted; with --discard nothing of the patient is analysed.

    Args:
        number: The number of the study.
        kind: consent withdrawn, lost to follow-up, death, decision of the investigator.
        on: The day.
        because: More, in words.
        discard: The patient wants the data so far left out.
    """
    from ovcf.registry.access import Act
    from ovcf.registry.words import WithdrawalKind
    from ovcf.study.conduct.screening import withdraw as leave
    from ovcf.study.conduct.studies import enrolment_of

    with opened(as_, Act.WRITE_FACTS) as here, here.writing(study) as (writer, there):
        enrolment = enrolment_of(writer.session, there, number)
        leave(writer, enrolment, word(kind, WithdrawalKind, "kind"), on=day(on), keep_data=not discard, because=because)
    say(f"{number}: left on {on} ({kind}); data {'left out' if discard else 'kept'}")


@app.command
def form(
    number: str,
    window: str,
    name: str,
    *,
    value: Values = (),
    reason: str = "",
    study: Which = None,
    as_: Acting = None,
) -> None:
    """Fill in or correct a form of a visit. Without values, what is asked for and what is known is shown.

    Try

        ovcf study form AKH-001 pretreatment baseline --value age_years=74 sex=female t_score=-2.8

    Args:
        number: The number of the study.
        window: pretreatment, 1 month, 3 months, 6 months, 12 months.
        name: The form, as the protocol calls it.
        value: FIELD=VALUE; an empty value is one that is not known.
        reason: Why a form is corrected.
    """
    from ovcf.errors import StudyError
    from ovcf.registry.access import Act
    from ovcf.registry.words import Window
    from ovcf.study.conduct import form_values
    from ovcf.study.conduct.studies import enrolment_of, in_force

    at = word(window, Window, "window")
    with opened(as_, Act.WRITE_FACTS) as here, here.writing(study) as (writer, there):
        enrolment = enrolment_of(writer.session, there, number)
        if value:
            form_values.enter(writer, there, enrolment, at, name, pairs(value, "--value"), reason=reason)
        asked = in_force(writer.session, there)[1].form(name)
        if asked is None:
            raise StudyError(f"form {name}", "is not in the protocol", "`ovcf study check` lists the forms.")
        known = form_values.values_of(writer.session, enrolment, at, asked)
    for field in asked.fields:
        text = form_values.value_text(known.get(field.id)) or ("missing" if field.required else "not given")
        odd = field.id in known and not form_values.plausible(field, known[field.id])
        say(
            f"{field.id}: {text}{f' {field.unit}' if field.unit and field.id in known else ''}"
            f"{'  (not plausible: a query will ask)' if odd else ''}"
        )


def _say_protocol(read: Protocol) -> None:
    say(f"{read.id} {read.version}: {read.title}")
    out = sum(c.exclusion for c in read.criteria)
    arms = ", ".join(a.id for a in read.arms)
    say(f"Criteria: {len(read.criteria) - out} of inclusion, {out} of exclusion; arms: {arms}")
    for visit in read.visits:
        say(f"Visit {visit.window}: day {visit.from_day} to {visit.to_day}; forms: {', '.join(visit.forms) or 'none'}")
    for outcome in read.outcomes:
        judged = "two readers judge, a third where they differ" if outcome.adjudicators else "as recorded, or by rule"
        say(f"Outcome {outcome.id} at {outcome.window}{' (primary)' if outcome.primary else ''}: {judged}")
    if read.readers is not None:
        plan = read.readers
        say(
            f"Readers: {plan.readers}, {plan.repeats_percent:g} % read again after {plan.washout_days} days; "
            f"they read {', '.join((*plan.measures, *plan.ratings))}"
        )
    say(f"Digest {read.digest}")


for _add in (add_data, add_readers, add_sites, add_training):
    _add(app)
