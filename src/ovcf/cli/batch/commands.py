"""``ovcf batch``: many studies in, tables and a worklist out."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from ovcf.cli.batch.from_archive import NO_ARCHIVE, Config, FromArchive, use_settings
from ovcf.cli.batch.shown import Shown
from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.into_registry import RegistryKeeper
    from ovcf.batch.work.run import Asked

app = App(name="batch", help="Many studies in, tables and a fracture worklist out.")


Acting = Annotated[
    str | None,
    Parameter(name="--as", help="Code of the person who puts readings into the registry, if there are several."),
]


@app.command
def run(
    *source: Path,
    out: str,
    workers: int | None = None,
    shards: int | None = None,
    engine: str = "builtin",
    minutes: float = 15.0,
    memory_gib: float = 4.0,
    again: bool = False,
    registry: bool = False,
    as_: Acting = None,
    cluster: str | None = None,
    quiet: bool = False,
    archive: FromArchive = NO_ARCHIVE,
    config: Config = None,
) -> None:
    """Assess every study of a source. What is there already is not done again, so a run that was cut off goes on.

    SOURCE is a folder in which each folder, zip, NIfTI file or picture is a study, or a manifest: a table (CSV or
    Parquet) with the columns study and path, and as wanted patient, clinical, level, role, fracture and reported.

    Try

        ovcf batch run studies/ --out results

        ovcf batch run studies.csv --out s3://bucket/results --workers 8

        ovcf batch run studies.csv --out /shared/results --cluster tcp://scheduler:8786

        ovcf batch run --pacs orthanc --date 20260101-20260331 --modality MR --out results

    Args:
        source: Folders, zips, or one manifest.
        out: Where the results go: a folder, or s3://, gs:// or az:// with a bucket and a prefix.
        workers: How many studies are assessed at once, each on one core; all cores where it is not given.
        shards: Into how many parts the studies are cut; one table file each. Otherwise some 200 studies are one.
        engine: What looks for the vertebral bodies, see `ovcf engines`.
        minutes: What one study may take; more, and it is quarantined.
        memory_gib: Memory that one study may take.
        again: Try once more what is quarantined.
        registry: Put every reading into the registry, too; it then waits there for a patient.
        cluster: Do it on the Dask cluster of this scheduler, tcp://HOST:8786.
        quiet: Print only what went wrong.
    """
    from ovcf.batch.sources.manifest import manifest_id, to_parquet
    from ovcf.batch.store.store import open_store
    from ovcf.batch.work.run import Batch
    from ovcf.batch.work.shard import shards_of
    from ovcf.errors import ClinicalDataError

    _extra()
    if cluster is not None and registry:
        raise ClinicalDataError("--registry", "cannot be written from a cluster", "Run it without --cluster.")
    use_settings(config)
    studies = _studies(source, archive)
    asked = _asked(workers, engine, minutes, memory_gib, again=again)
    cut = shards_of(manifest_id(studies), len(studies), shards)
    parts = [(shard, shard.cut(studies)) for shard in cut]
    store = open_store(out, create=True)
    store.put_new(f"state/manifests/{cut[0].manifest}.parquet", to_parquet(studies))
    shown = Shown(quiet=quiet)
    if cluster is not None:
        from ovcf.batch.work.cluster import run_on

        count = run_on(cluster, store, parts, asked, lambda now: shown.progress(now.now()))
        shown.end(count.now(), store)
        return
    with _keeper(store, as_, wanted=registry) as keeper:
        batch = Batch(store, parts, asked, keeper)
        batch.run(lambda: shown.progress(batch.count.now()))
    shown.end(batch.count.now(), store)


@app.command
def manifest(*source: Path, out: Path, archive: FromArchive = NO_ARCHIVE, config: Config = None) -> None:
    """Write the studies of folders and zips, or of an archive, as a manifest: to be looked over, or cut into shards.

    Try

        ovcf batch manifest studies/ --out studies.csv

        ovcf batch manifest --pacs orthanc --date 20260101-20260331 --description "*SPINE*" --out studies.csv

    Args:
        source: Folders in which each folder, zip, NIfTI file or picture is a study; zips.
        out: The manifest, a new file: CSV or Parquet, by its name.
    """
    from ovcf.batch.sources.manifest import to_csv, to_parquet
    from ovcf.files.result_file import write_file

    _extra()
    use_settings(config)
    studies = _studies(source, archive)
    parquet = out.suffix.lower() == ".parquet"
    write_file(out, to_parquet(studies) if parquet else to_csv(studies))
    say(f"{len(studies):,} studies: {out}")


@app.command
def work(
    *,
    manifest: str,
    shard: str,
    out: str,
    workers: int = 1,
    engine: str = "builtin",
    minutes: float = 15.0,
    memory_gib: float = 4.0,
    again: bool = False,
    registry: bool = False,
    as_: Acting = None,
    quiet: bool = False,
    config: Config = None,
) -> None:
    """Do one shard of a manifest: the job of a Slurm array, a Kubernetes indexed job, or any other scheduler.

    Every shard can be done anywhere, at any time and more than once; its tables come out the same.

    Try

        ovcf batch work --manifest studies.csv --shard 3/50 --out s3://bucket/results

    Args:
        manifest: The manifest, CSV or Parquet: a file, or an object of object storage.
        shard: Which shard of how many, from 1: 3/50.
        out: Where the results go.
        workers: How many studies are assessed at once, each on one core.
        engine: What looks for the vertebral bodies.
        minutes: What one study may take.
        memory_gib: Memory that one study may take.
        again: Try once more what is quarantined.
        registry: Put every reading into the registry, too.
        quiet: Print only what went wrong.
    """
    from ovcf.batch.sources.manifest import manifest_id
    from ovcf.batch.store.store import open_store
    from ovcf.batch.work.run import Batch
    from ovcf.batch.work.shard import shards_of

    _extra()
    use_settings(config)
    studies = _manifest(manifest)
    number, of = _number(shard)
    asked = _asked(workers, engine, minutes, memory_gib, again=again)
    mine = shards_of(manifest_id(studies), len(studies), of)[number - 1]
    store = open_store(out, create=True)
    shown = Shown(quiet=quiet)
    with _keeper(store, as_, wanted=registry) as keeper:
        batch = Batch(store, [(mine, mine.cut(studies))], asked, keeper)
        batch.run(lambda: shown.progress(batch.count.now()))
    shown.end(batch.count.now(), store)


@app.command
def status(*, out: str, json: bool = False) -> None:
    """How far a batch is, and what is quarantined and why.

    Args:
        out: Where its results go.
        json: Print it as JSON.
    """
    from ovcf.batch.store.store import open_store
    from ovcf.batch.work.status import status_of

    found = status_of(open_store(out))
    Shown().status(found, json=json)


@app.command
def report(
    *,
    batch: Annotated[str, Parameter(name="--from")],
    out: Path = Path("worklist"),
    reported: Path | None = None,
    language: Literal["en", "zh"] = "en",
    quiet: bool = False,
) -> None:
    """A worklist of who may have a fracture that nobody reported: HTML, CSV and PDF.

    Try

        ovcf batch report --from results --out worklist

    Args:
        batch: Where the results of a batch are.
        out: Folder of the worklist.
        reported: What the radiologists' reports say: a CSV with the columns study and reported, which goes before the
            manifest. Levels (L1; T12), none where a report names no fracture, empty where nobody looked.
        language: Language of the HTML and the PDF: en, or zh (Simplified Chinese). The CSV is the same in both.
        quiet: Print only what went wrong.
    """
    from ovcf.batch.store.store import open_store
    from ovcf.batch.worklist.write import write_worklist
    from ovcf.language.spoken import speaking

    _extra()
    inputs = [] if reported is None else [reported]
    with speaking(language):
        written = write_worklist(open_store(batch), out, reported=reported, inputs=inputs)
    if not quiet:
        say("\n".join(str(path) for path in written))


@contextmanager
def _keeper(store: Store, person: str | None, *, wanted: bool) -> Iterator[RegistryKeeper | None]:
    """The registry that takes readings, while it is open."""
    if not wanted:
        yield None
        return
    from ovcf.batch.work.into_registry import RegistryKeeper
    from ovcf.cli.registry.opened import open_registry
    from ovcf.registry import service
    from ovcf.registry.access import Act, Principal

    registry = open_registry()
    try:
        with registry.reading() as session:
            acting = service.person_named(session, person, Act.WRITE_FACTS)
            who = Principal(acting.id, acting.code, acting.site_id, acting.role)
        yield RegistryKeeper(registry, store, who)
    finally:
        registry.close()


def _extra() -> None:
    """See that what reads and writes tables is installed.

    Raises:
        MissingExtraError: it is not.
    """
    from importlib.util import find_spec

    from ovcf.errors import MissingExtraError

    try:
        there = find_spec("pyarrow") is not None
    except ValueError:  # how tests take a package away
        there = False
    if not there:
        raise MissingExtraError(
            "ovcf batch",
            "needs the extra `batch`",
            'Install the extra "batch": pip install ".[batch]" in the folder of the source.',
        )


def _studies(source: Sequence[Path], archive: FromArchive) -> Sequence[StudySource]:
    from ovcf.batch.sources.manifest import is_manifest
    from ovcf.batch.sources.walk import studies_in
    from ovcf.errors import ClinicalDataError, MissingFileError

    if archive.asks:
        if source:
            raise ClinicalDataError("batch", "a query of an archive stands alone", "Leave folders and manifests out.")
        return archive.studies()
    if not source:
        raise MissingFileError("batch", "no source was given", "Give a folder of studies, a manifest, or --pacs.")
    if any(is_manifest(path) for path in source):
        if len(source) > 1:
            raise ClinicalDataError("batch", "a manifest stands alone", "Give one manifest, or folders and zips.")
        return _manifest(str(source[0]))
    return tuple(studies_in(source))


def _manifest(where: str) -> Sequence[StudySource]:
    from ovcf.batch.sources.manifest import read_manifest
    from ovcf.errors import MissingFileError

    if "://" in where:
        from ovcf.batch.store.objects import ObjectStore

        above, _, name = where.rpartition("/")
        content = ObjectStore.at(above).get(name)
        if content is None:
            raise MissingFileError(where, "is not there", "Check its address.")
        return read_manifest(content, where)
    path = Path(where)
    if not path.is_file():
        raise MissingFileError(path, "does not exist", "Check the path.")
    return read_manifest(path.read_bytes(), where, beside=path.absolute().parent)


def _asked(workers: int | None, engine: str, minutes: float, memory_gib: float, *, again: bool) -> Asked:
    from ovcf.batch.work.run import Asked
    from ovcf.budget import cores
    from ovcf.jobs.process import Limits

    limits = Limits(seconds=60 * minutes, bytes=int(memory_gib * 2**30))
    return Asked(limits=limits, workers=cores() if workers is None else workers, engine=engine, again=again)


def _number(shard: str) -> tuple[int, int]:
    from ovcf.errors import ClinicalDataError

    number, _, of = shard.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise ClinicalDataError(f"shard {shard}", "is not NUMBER/COUNT, from 1", "Write 3/50, for example.")
    return int(number), int(of)
