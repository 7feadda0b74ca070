"""A registry whose files are sealed, settings, small images, and archives that tests play."""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import pytest

pytest.importorskip("pynetdicom", reason="needs the extra `pacs`")

from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from ovcf.anatomy import Level
from ovcf.pacs.dimse.receiver import start
from ovcf.pacs.line.line import Line
from ovcf.pacs.settings import Settings
from ovcf.pacs.spool.spool import Spool
from ovcf.registry.store import Registry
from tests.dicom_out.conftest import RECIPE, reading_of
from tests.made import made_patient
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401

KEY = bytes(range(32))
RETRY = {"first_wait_s": 0.01, "longest_wait_s": 0.02}


def mr(study, *, sop_uid=None, number="H-4711", rows=8, **tags):
    """A small MR image."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = MRImageStorage
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, sop_uid or generate_uid()
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, f"{study}.1"
    ds.PatientID, ds.PatientName, ds.PatientBirthDate, ds.PatientSex = number, "Doe^Jane", "19500102", "F"
    ds.StudyDate, ds.Modality, ds.InstanceNumber = "20260301", "MR", 1
    ds.Rows = ds.Columns = rows
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.PixelData = bytes(2 * rows * rows)
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "421060004", "SCT", "Spine"
    ds.AnatomicRegionSequence = [inner]
    for keyword, value in tags.items():
        setattr(ds, keyword, value)
    return ds


def as_file(ds):
    out = BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def settings_of(port, peers=None, results=None, **here):
    here = {"port": port, "quiet_s": 0.01, "timeout_s": 5.0, "known_only": False, **here}
    return Settings.model_validate({"here": here, "peers": peers or {}, "results": {**RETRY, **(results or {})}})


@pytest.fixture(scope="session")
def visit(tmp_path_factory):
    """The smallest study of a digital patient that results can be made of: one series of MRI."""
    recipe = replace(RECIPE, centre=Level.L3)  # down to the sacrum, so that levels are counted and nothing is asked
    (folder,) = made_patient(recipe, tmp_path_factory, contrasts=("T1",), radiograph=False)
    return folder


@pytest.fixture(scope="session")
def images(visit):
    """Its images as an archive sends them, with a name on them."""
    found = [dcmread(path) for path in sorted((visit / "study").rglob("*.dcm"))]
    for ds in found:
        ds.PatientID, ds.PatientName, ds.PatientBirthDate = "H-4711", "Doe^Jane", "19500102"
    return found


@pytest.fixture(scope="session")
def made(visit):
    """What an assessment of them makes."""
    from ovcf.pacs.line.reading_objects import under_source_identity

    return under_source_identity(reading_of(visit), "H-4711")


_OBJECTS = {}


@pytest.fixture(autouse=True)
def made_once_of_each(monkeypatch):
    """Objects take seconds to make, and equal readings give equal ones: of each reading they are made once."""
    from ovcf.pacs.line import reading_objects

    make = reading_objects.dicom_objects

    def once(file, images, **options):
        names = frozenset(path.name for folder in images for path in folder.iterdir())
        key = (file.reading.id, file.reading.current.status, file.current.patient.id, names, *sorted(options.items()))
        if key not in _OBJECTS:
            _OBJECTS[key] = make(file, images, **options)
        return _OBJECTS[key]

    monkeypatch.setattr(reading_objects, "dicom_objects", once)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A registry with one site and its administrator, whose files are sealed."""
    root = tmp_path_factory.mktemp("sealed") / "data"
    registry = Registry.open(root, key=KEY, create=True)
    admin = registry.begin("S1", "Site one", "admin", "Ada Min")
    registry.close()
    return root, admin


@pytest.fixture
def registry(made_once, tmp_path):
    root, admin = made_once
    shutil.copytree(root, tmp_path / "data")
    found = Registry.open(tmp_path / "data", key=KEY)
    found.admin = admin
    yield found
    found.close()


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "pacs", KEY)


@pytest.fixture
def line(registry, spool):
    """``line(settings)``: the line of this registry; what it tells is in ``.told``."""
    told = []

    def made(settings):
        found = Line.of(registry, spool, settings, told.append)
        made.told = told
        return found

    return made


@pytest.fixture
def receiving(spool):
    """``receiving(**here)``: our receiver on a port of its own; its settings, with a peer that is itself."""
    servers = []

    def started(peers=None, results=None, **here):
        settings = settings_of(free_port(), peers, results, **here)
        servers.append(start(settings, spool))
        return settings

    yield started
    for server in servers:
        server.shutdown()


class Archive:
    """An archive that tests play: it keeps what it takes, and does as it is told."""

    def __init__(self, ae_title="ARCHIVE"):
        self.port, self.kept, self.refuse, self.ae_title = free_port(), {}, None, ae_title
        self.asked, self.answered, self.calls, self.server = [], [], 0, None

    def store(self, event):
        self.calls += 1
        if self.refuse is not None:
            return self.refuse
        uid = str(event.request.AffectedSOPInstanceUID)
        self.kept.setdefault(uid, []).append(event.encoded_dataset())
        return 0

    def action(self, event):
        self.asked.append(event.action_information)
        return 0, None

    def report(self, event):
        self.answered.append((event.event_type, event.event_information))
        return 0, None

    def __enter__(self):
        from pynetdicom import AE, AllStoragePresentationContexts, evt
        from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

        ae = AE(ae_title=self.ae_title)
        ae.supported_contexts = AllStoragePresentationContexts
        ae.add_supported_context(Verification)
        ae.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
        handlers = [
            (evt.EVT_C_STORE, self.store),
            (evt.EVT_N_ACTION, self.action),
            (evt.EVT_N_EVENT_REPORT, self.report),
        ]
        self.server = ae.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        return self

    def __exit__(self, *_):
        self.away()

    def away(self):
        if self.server is not None:
            self.server.shutdown()
            self.server = None

    @property
    def peer(self):
        return {"ae_title": self.ae_title, "host": "127.0.0.1", "port": self.port}


@pytest.fixture
def archive():
    with Archive() as found:
        yield found


def dcmtk(program, *arguments):
    """A program of dcmtk; skipped where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} (Debian: dcmtk) is not installed")
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


@contextmanager
def waiting(seconds=20.0):
    """``with waiting() as until: until(lambda: ...)``"""

    def until(true):
        end = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)
        return found

    yield until
