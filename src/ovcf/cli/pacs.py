"""``ovcf pacs``: archives are asked, sent to and listened to."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say, say_json

if TYPE_CHECKING:
    from ovcf.pacs.archive_query import FoundStudy
    from ovcf.pacs.settings import Peer, Settings

app = App(name="pacs", help="Picture archives: ask, fetch, send, and listen for studies to assess.")
Config = Annotated[Path, Parameter(name=["--config", "-c"])]
_CONFIG = Path("pacs.toml")
_PATIENCE_S = 10.0
"""So long a command waits for our port, where something else of ours listens on it."""


@app.command
def echo(peer: str | None = None, /, *, config: Config = _CONFIG) -> None:
    """Ask whether an archive is there (C-ECHO; by DICOMweb, a small query).

    Args:
        peer: Its name in the settings; needed where there are several.
        config: The settings (docs/how-to/pacs.md).
    """
    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.web import client as web

    settings, name, found = _peer(config, peer)
    if found.ae_title is not None:
        ask.echo(settings, name, found)
        say(f"{name}: {found.ae_title} at {found.host}:{found.port} answers")
    if found.url:
        web.find(name, found, Query(patient_id="ovcf-nobody"), most=1)
        say(f"{name}: {found.url} answers")


@app.command
def find(
    peer: str | None = None,
    /,
    *,
    patient: str = "",
    name: str = "",
    date: str = "",
    modality: str = "",
    study: str = "",
    accession: str = "",
    description: str = "",
    most: int = 100,
    json: bool = False,
    config: Config = _CONFIG,
) -> None:
    """Find studies (QIDO-RS where the peer has a url, else C-FIND).

    Try

        ovcf pacs find orthanc --date 20260101- --modality MR

    Args:
        peer: Its name in the settings; needed where there are several.
        patient: The hospital's patient id.
        name: Patient name; * and ? stand for any letters, as in the other texts.
        date: Study date YYYYMMDD, or a range: 20260101-20260131.
        modality: MR, CT, DX, CR.
        study: Study instance UID.
        accession: Accession number.
        description: Study description.
        most: So many studies at most.
        json: Print JSON.
        config: The settings.
    """
    from ovcf.pacs.archive_query import Query

    query = Query(
        patient_id=patient,
        patient_name=name,
        date=date,
        modality=modality,
        study_uid=study,
        accession=accession,
        description=description,
    )
    settings, called, there = _peer(config, peer)
    from ovcf.pacs import fetch

    _print(fetch.find(settings, called, there, query, most=most), json=json)


@app.command
def get(
    study: str, peer: str | None = None, /, *, out: Path | None = None, to: str | None = None, config: Config = _CONFIG
) -> None:
    """Fetch a study into a folder, or have it sent to somebody (C-MOVE).

    A study is fetched by WADO-RS, C-GET or C-MOVE, as the settings of the peer say.

    Try

        ovcf pacs get 1.2.840.1 orthanc --out study

        ovcf pacs get 1.2.840.1 orthanc --to OVCF

    Args:
        study: Study instance UID.
        peer: Its name in the settings; needed where there are several.
        out: A folder that is not there yet, or one that was made so before.
        to: AE title that it is sent to instead, such as that of `ovcf pacs listen`.
        config: The settings.
    """
    from ovcf.errors import MissingFileError, PacsError
    from ovcf.files.result_folder import ResultFolder
    from ovcf.pacs import fetch
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.settings import GetBy

    if (out is None) == (to is None):
        raise PacsError("ovcf pacs get", "needs a place", "Give --out FOLDER or --to AE_TITLE.")
    settings, name, found = _peer(config, peer)
    if out is None:
        assert to is not None
        sent = ask.move(settings, name, found, study, to=to)
        say(f"{name} to {to}: {sent.came} objects sent")
        _say_refused(f"{name} to {to}", sent.failed)
        return
    folder = ResultFolder.at(out, "images of an archive")
    files: dict[str, bytes] = {}

    def keep(uid: str, data: bytes) -> None:
        files[uid] = data

    wanted = fetch.images_of(settings, name, found, study) if found.fetched_by is GetBy.MOVE else ()
    _say_refused(name, fetch.get(settings, name, found, study, keep, wanted=wanted, patience_s=_PATIENCE_S))
    if lost := len(set(wanted) - files.keys()):
        say(f"{name}: {lost} of {len(wanted)} images did not come", error=True)
    if not files:
        raise MissingFileError(name, f"has no study {study}", "Find it first.")
    folder.write({f"{uid}.dcm": data for uid, data in files.items()})
    say(f"{folder.path}: {len(files)} images")


@app.command
def send(
    paths: Annotated[tuple[Path, ...], Parameter(consume_multiple=True)],
    /,
    *,
    peer: str | None = None,
    config: Config = _CONFIG,
) -> None:
    """Send DICOM files, such as those of `ovcf dicom write`, by C-STORE or STOW-RS as the settings say.

    Args:
        paths: Files, folders or zip archives.
        peer: The archive's name in the settings; needed where there are several.
        config: The settings.
    """
    from contextlib import ExitStack

    from ovcf.errors import MissingFileError, PacsError
    from ovcf.imaging.files.archive import find_files
    from ovcf.imaging.files.dicom_files import looks_like_dicom
    from ovcf.pacs.dimse import send as dimse
    from ovcf.pacs.settings import By
    from ovcf.pacs.web import client as web

    settings, name, there = _peer(config, peer)
    with ExitStack() as until:
        found = [f.path for path in paths for f in find_files(path, until) if f.unreadable is None]
        files = [path.read_bytes() for path in found if looks_like_dicom(path)]
    if not files:
        raise MissingFileError(", ".join(map(str, paths)), "holds no DICOM file", "Give some.")
    answers = web.store(name, there, files) if there.by is By.STOW else dimse.store(settings, name, there, files)
    say(f"{name}: {sum(a.taken for a in answers)} of {len(files)} taken")
    if refused := [a for a in answers if not a.taken]:
        raise PacsError(name, f"{refused[0].why} ({len(refused)} objects)", "Look at its log, and send them again.")


@app.command
def listen(*, config: Config = _CONFIG, workers: int = 1) -> None:
    """Take studies, assess them when they are complete, and send results back. Until it is stopped.

    Needs the registry and a key that seals images (OVCF_KEY_FILE). Whatever stops it, nothing is lost and nothing done
    twice: start it again.

    Args:
        config: The settings.
        workers: Studies assessed at the same time; 0 where `ovcf serve` or `ovcf jobs work` runs on the same data.
    """
    from ovcf.cli.registry.opened import open_registry
    from ovcf.pacs.line.line import Line
    from ovcf.pacs.listen import listen as run
    from ovcf.pacs.place import spool_of
    from ovcf.registry import place

    settings = _settings(config)
    data = place.data_folder()
    spool, registry = spool_of(data), open_registry()
    stop = threading.Event()
    for number in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, number), lambda *_: stop.set())

    def tell(text: str) -> None:
        say(text)
        sys.stdout.flush()

    try:
        line = Line.of(registry, spool, settings, tell)
        tell(f"{settings.here.ae_title} listens on {settings.here.listen}:{settings.here.port}. Stop with Ctrl C.")
        worker = (sys.executable, "-m", "ovcf", "jobs", "work", "--beside")
        run(line, config.absolute(), data, stop=stop, worker=worker, workers=workers, environment=dict(os.environ))
    finally:
        registry.close()


@app.command
def status(*, config: Config = _CONFIG, again: bool = False) -> None:
    """What waits in the spool and the outbox, and what could not be taken or sent, with the reason.

    Args:
        config: The settings.
        again: Let what was set aside or given up be tried again.
    """
    from collections import Counter

    from sqlalchemy import select

    from ovcf.cli.registry.opened import open_registry
    from ovcf.pacs.line import deliver
    from ovcf.pacs.line.line import Line
    from ovcf.pacs.place import spool_of
    from ovcf.registry import place
    from ovcf.registry.access import within
    from ovcf.registry.tables import OutboxItem
    from ovcf.registry.words import OutState

    settings, registry = _settings(config), open_registry()
    try:
        line = Line.of(registry, spool_of(place.data_folder()), settings)
        if again:
            say(f"tried again: {line.spool.again()} images, {deliver.again(line)} objects")
        for state, count in line.spool.counts().items():
            say(f"spool, {state}: {count} images")
        for study, count, why in line.spool.aside():
            say(f"set aside: {count} images of {study}: {why}")
        with registry.reading() as session:
            rows = session.scalars(within(select(OutboxItem), line.who, OutboxItem))
            for (peer, way), count in sorted(Counter((row.peer, row.state) for row in rows).items()):
                say(f"outbox, {peer}, {way}: {count} objects")
            stuck = select(OutboxItem).where(OutboxItem.state.in_((OutState.WAITING, OutState.GIVEN_UP)))
            for row in session.scalars(within(stuck.where(OutboxItem.why != ""), line.who, OutboxItem)):
                say(f"{row.peer}: {row.kind} of reading {row.reading}, attempt {row.attempts}: {row.why}")
    finally:
        registry.close()


@app.command
def key(file: Path, /) -> None:
    """Make a key file. It seals images, spool and identities; keep a copy of it apart from the data.

    Args:
        file: Outside the data folder; one that is there is never replaced. OVCF_KEY_FILE names it from then on.
    """
    from ovcf.registry.place import KEY_FILE, write_key

    write_key(file)
    say(f"{file} is made. Name it in {KEY_FILE}, and keep a copy: without it nothing that it sealed can be read.")


def _settings(config: Path) -> Settings:
    from ovcf.pacs.extra import need_pacs

    need_pacs()
    from ovcf.pacs.settings import Settings

    return Settings.read(config)


def _peer(config: Path, name: str | None) -> tuple[Settings, str, Peer]:
    settings = _settings(config)
    return settings, *settings.peer(name)


def _say_refused(where: str, count: int) -> None:
    if count:
        say(
            f"{where}: {count} objects were not sent; reports and the like are not taken, else look at its log",
            error=True,
        )


def _print(found: list[FoundStudy], *, json: bool) -> None:
    if json:
        from dataclasses import asdict
        from json import dumps

        say_json(dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))
        return
    from rich.table import Table

    from ovcf.cli.terminal import Terminal

    table = Table("Study", "Patient", "Name", "Date", "Images", "Description")
    for one in found:
        images = f"{'/'.join(one.modalities)} {one.instances or ''}".strip()
        table.add_row(one.study_uid, one.patient_id, one.patient_name, one.date, images, one.description)
    Terminal().print(table)
    say(f"{len(found)} studies")
