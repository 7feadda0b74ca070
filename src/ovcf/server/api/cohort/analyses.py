"""Analyses of a cohort: asked for, made in the background, shown, taken home."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Response

from ovcf.cohort.data.time_between import TimeBetween
from ovcf.cohort.questions.asked import Asked
from ovcf.errors import CohortDataError, NotThereError
from ovcf.language.spoken import language, tr
from ovcf.registry.access import Act, require
from ovcf.registry.audit import head
from ovcf.server.api.cohort.shapes import AnalysisShape, Begun, Id, NewAnalysis, QuestionAsked, Trouble
from ovcf.server.api.cohort.tables import data_of
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.rounds import zipped
from ovcf.server.cohort.analysis_process import Analysis
from ovcf.server.cohort.desk import State
from ovcf.server.report_answers import SANDBOX

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service

router = APIRouter(tags=["cohorts"])
_KINDS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
_FILES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in _KINDS.values()}}}


@router.post("/cohort/analyses", status_code=202)
def ask(here: Here, who: Who, asked: NewAnalysis, response: Response) -> Begun:
    """Ask for an analysis. It is made in the background; its address tells how far it is."""
    require(who, Act.EXPORT)
    id_ = here.cohorts.begin(who.person, _analysis(here, who, asked))
    response.headers["Location"] = f"/api/v1/cohort/analyses/{id_}"
    return Begun(analysis=id_)


@router.get("/cohort/analyses/{analysis}")
def show(here: Here, who: Who, analysis: Id) -> AnalysisShape:
    """How far an analysis is; once it is done its report as data: tables, figures (SVG), methods."""
    require(who, Act.EXPORT)
    state, why, folder = here.cohorts.look(who.person, analysis)
    report = None
    if state is State.DONE:
        other = folder / "report" / f"content.{language()}.json"
        report = json.loads((other if other.is_file() else folder / "content.json").read_text("utf-8"))
    return AnalysisShape(
        analysis=analysis,
        state=state,
        why=Trouble(**{name: tr(text) for name, text in why.items()}) if why else None,
        report=report,
    )


@router.delete("/cohort/analyses/{analysis}", status_code=204)
def forget(here: Here, who: Who, analysis: Id) -> None:
    """Let an analysis go at once."""
    require(who, Act.EXPORT)
    here.cohorts.forget(who.person, "analyses", analysis)


@router.get("/cohort/analyses/{analysis}/report.{format}", response_class=Response, responses=_FILES)
def report(
    here: Here,
    who: Who,
    analysis: Id,
    format: Literal["html", "pdf", "docx", "zip"],  # noqa: A002  # the name in the address
) -> Response:
    """The report: HTML, PDF, Word, or everything (tables as CSV, figures as SVG and PNG, methods) as one archive."""
    require(who, Act.EXPORT)
    state, _, folder = here.cohorts.look(who.person, analysis)
    if state is not State.DONE:
        raise NotThereError("report", "is not made yet", "Wait until the analysis is done.")
    files = _files(folder / "report")
    body = (
        zipped(files)
        if format == "zip"
        else files.get(f"report.{language()}.{format}", files.get(f"report.{format}", b""))
    )
    how = "inline" if format == "html" else "attachment"
    headers = {
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'{how}; filename="cohort-{analysis[:8]}.{format}"',
    }
    return Response(body, media_type=_KINDS[format], headers=headers)


def _analysis(here: Service, who: Principal, asked: NewAnalysis) -> Analysis:
    if (asked.question is None) == (asked.mapping is None):
        raise CohortDataError("analysis", "asks neither a question nor for a design, or both", "Ask one of the two.")
    question = None if asked.question is None else _question(asked.question)
    told = asked.mapping
    said: dict[str, Any] = {
        "asked": question,
        "design": "" if told is None else told.design,
        "named": {} if told is None else told.named,
        "answers": {} if told is None else told.answers,
        "wrong_as_missing": asked.wrong_as_missing,
        "repeats": asked.repeats,
        "times": tuple(TimeBetween(**t.model_dump()) for t in asked.times),
    }
    if asked.table is None:
        with here.registry.reading() as session:
            end = str(head(session))
        inputs = (("the registry, end of its audit", end),)
        return Analysis(data=data_of(here, who), name="registry", inputs=inputs, **said)
    kept = here.cohorts.table(who.person, asked.table)
    inputs = ((kept.name, hashlib.sha256(kept.path.read_bytes()).hexdigest()),)
    sheet = asked.sheet or (None if told is None else told.sheet)
    return Analysis(table=kept.path, name=kept.name, sheet=sheet, inputs=inputs, **said)


def _question(asked: QuestionAsked) -> Asked:
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in asked.model_dump().items()
    }
    return Asked(**told)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
