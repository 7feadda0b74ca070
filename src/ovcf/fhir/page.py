"""The codes of FHIR as a page of the documentation, made from the tables themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.fhir.form import about, kinds
from ovcf.fhir.incoming.coded import SYSTEMS, table
from ovcf.fhir.incoming.facts import FRESH_DAYS
from ovcf.fhir.out.course import form_of
from ovcf.fhir.parts import CLINICAL_FORM, HOSPITAL_NUMBER, OWN, PSEUDONYM
from ovcf.registry.words import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterator


def page() -> str:
    """Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Codes in FHIR"
    yield ""
    yield "`ovcf fhir codes` makes this page from the tables that the program reads. What goes out has the codes of"
    yield "[one dictionary](dicom-codes.md) for DICOM and FHIR. `ovcf fhir codes` also gives our own as a CodeSystem"
    yield "and the clinical form as a Questionnaire, for a server that is to show what they mean."
    yield ""
    yield "| what | URI |"
    yield "|---|---|"
    yield f"| our code system, `99OVCF` in DICOM | `{OWN}` |"
    yield f"| pseudonyms in files (a registry has its site: `urn:uuid:...`) | `{PSEUDONYM}` |"
    yield f"| hospital numbers whose issuer nobody named | `{HOSPITAL_NUMBER}` |"
    yield f"| clinical form | `{CLINICAL_FORM}` |"
    for one in Instrument:
        yield f"| answers to {one.value} | `{form_of(one)}` |"
    yield from ("", "## What the import understands", "")
    yield f"Systems: {', '.join(f'{short} is {name}' for short, name in SYSTEMS.items())}."
    yield "A `*` stands for all codes that begin so. A unit that is not listed is refused."
    yield f"Pain, disability and the answers to our own forms count for a visit at most {FRESH_DAYS} days later."
    yield from ("", "### Numbers", "", "| codes | body site | field | units |", "|---|---|---|---|")
    for row in table()["number"]:
        units = ", ".join(f"`{unit}`" if unit else "none" for unit in row["units"])
        if "field" in row:
            where = "none, or the whole lumbar spine" if row.get("sites") else ""
            fields = ", ".join(f"`{row[key]}`" for key in ("field", "site_in", "also") if key in row)
            yield f"| {_codes(row['codes'])} | {where} | {fields} | {units} |"
        for site, field in row.get("sites", {}).items():
            yield f"| {_codes(row['codes'])} | `{site}` | `{field}` | {units} |"
    yield from ("", "### Answers that are codes", "", "| codes | field | value |", "|---|---|---|")
    for row in table()["answer"]:
        for code, value in row["values"].items():
            yield f"| `{code}` | `{row['field']}` | {value} |"
    yield from (
        "",
        "### Conditions and medicines",
        "",
        "Confirmed conditions that are not over, medicines that are taken.",
    )
    yield from ("", "| codes | field |", "|---|---|")
    for row in (*table()["condition"], *table()["medicine"]):
        longer = f", if taken for more than {row['over_days']} days" if "over_days" in row else ""
        over = ", over or not" if row.get("past") else ""
        yield f"| {_codes(row['codes'])} | `{row['field']}`{longer}{over} |"
        if "dose" in row:
            yield f"| {_codes(row['dose_codes'])} | `{row['dose']}`, from dose and timing |"
    yield f"| {_codes(table()['fracture'][0]['codes'])}, with a vertebra as body site | `old_fractures`, if over |"
    yield from ("", "### Understood, and left to you", "", "| codes | why |", "|---|---|")
    for row in (*table()["nowhere"], *table()["undecided"]):
        yield f"| {_codes(row['codes'])} | {row['why']} |"
    yield from ("", "## The clinical form", "", "| linkId | type | what |", "|---|---|---|")
    for name, told in about().items():
        yield f"| `{name}` | {kinds()[name]} | {told.replace('|', '/')} |"


def _codes(codes: Any) -> str:
    return ", ".join(f"`{code}`" for code in codes)
