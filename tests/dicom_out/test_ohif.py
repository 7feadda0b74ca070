"""OHIF's own built viewer in a browser: it shows our segmentation and report, a reader drags an end, and it comes back.

`make try-ohif` fetches the viewer; its folder is named by OVCF_OHIF. Viewer and archive are set up as
docs/how-to/ohif.md says. OVCF_PICTURES names a folder for pictures of what is seen.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from pydicom import dcmread

from ovcf.dicom_out.back.content import read_report
from ovcf.dicom_out.back.edits import edits_in
from ovcf.dicom_out.back.take_over import taken_over
from ovcf.reading.session import Session
from tests.documents import ROOT, blocks
from tests.server.api.conftest import made_once, registry  # noqa: F401  # fixtures
from tests.server.dicomweb.test_dicomweb import keep, sign

VIEWER = Path(os.environ.get("OVCF_OHIF", "nowhere"))
CHROMIUM, NGINX = shutil.which("chromium"), shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
PAGE = (ROOT / "docs" / "how-to" / "ohif.md").read_text("utf-8")
SECONDS = 240_000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (VIEWER / "index.html").is_file(), reason="OHIF is not there: make try-ohif"),
    pytest.mark.skipif(CHROMIUM is None or NGINX is None, reason="needs chromium and nginx: make try-ohif"),
]
GRAPHICS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
# What the viewer itself says it holds, from its own services.
SEGMENTS = """() => services.segmentationService.getSegmentations().flatMap(
  s => Object.values(s.segments).map(one => one.label))"""
PATIENTS = """() => services.displaySetService.getActiveDisplaySets().flatMap(
  one => (one.instances ?? []).map(instance => instance.PatientID))"""
SHOWN = """() => {
  if (!globalThis.services?.viewportGridService?.getState().activeViewportId) return { series: null, drawn: false };
  const { viewports, activeViewportId } = services.viewportGridService.getState();
  const viewport = services.cornerstoneViewportService.getCornerstoneViewport(activeViewportId);
  const [uid] = viewports.get(activeViewportId)?.displaySetInstanceUIDs ?? [];
  const shown = uid && services.displaySetService.getDisplaySetByUID(uid);
  return { series: shown?.SeriesInstanceUID ?? null, drawn: viewport?.viewportStatus === 'rendered' };
}"""
LINES = """() => {
  const { viewports, activeViewportId } = services.viewportGridService.getState();
  const viewport = services.cornerstoneViewportService.getCornerstoneViewport(activeViewportId);
  const at = viewport.element.getBoundingClientRect();
  return services.measurementService.getMeasurements().map(m => ({
    tool: m.toolName, finding: m.finding.text, site: m.findingSites[0].text, series: m.referenceSeriesUID,
    shown: m.displayText.primary[0], ends: m.points,
    screen: m.points.map(p => viewport.worldToCanvas(p)).map(([x, y]) => [x + at.left, y + at.top]),
  }));
}"""


@contextmanager
def viewer(folder, archive):
    """nginx with the viewer before an archive, as the page says; its address. ``archive`` is the block of the page that
    leads to it."""
    from tests.pacs.conftest import free_port

    port = free_port()
    (server, _) = blocks(PAGE, "nginx")
    before, _, _ = server.partition("    location /dicom-web/")
    text = before + archive + "}\n"
    (config,) = blocks(PAGE, "js")
    (folder / "app-config.js").write_text(config)
    others = {"3000": port, "/srv/ohif/dist": VIEWER.resolve(), "/srv/ohif/app-config.js": folder / "app-config.js"}
    for one, other in others.items():
        assert one in text, one
        text = text.replace(one, str(other))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\n"
        f"access_log {folder}/access.log;\n{places}{text}}}\n"
    )
    process = subprocess.Popen([NGINX, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the group e2e")
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=list(GRAPHICS))
        yield found
        found.close()


class Opened:
    """A study in the viewer."""

    def __init__(self, browser, address, study):
        self.page = browser.new_page(viewport={"width": 1500, "height": 900})
        self.page.set_default_timeout(SECONDS)
        self.errors, self.cleared = [], False
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}/viewer?StudyInstanceUIDs={study}")

    def until(self, question, true, seconds=SECONDS / 1000):
        """Ask the viewer until the answer is as it should be, and is the same again a little later: it draws and loads
        in many steps."""
        end, before = time.monotonic() + seconds, None
        while True:
            answer = self.page.evaluate(question)
            if true(answer) and answer == before:
                return answer
            before = answer if true(answer) else None
            assert time.monotonic() < end, (answer, self.errors, self.picture("failed"))
            self.page.wait_for_timeout(500)

    def open(self, series):
        """Double-click a series, and say yes to what the viewer asks. While it draws its list anew, a click may be
        lost: then once more."""
        from playwright.sync_api import TimeoutError as TooLate

        self.page.get_by_text(series).first.wait_for()
        self.clear()
        self.until(SHOWN, lambda shown: shown["drawn"])  # before there is a viewport, a double click ends the viewer
        yes = self.page.get_by_role("button", name="Yes", exact=True)
        end = time.monotonic() + SECONDS / 1000
        while True:
            with suppress(TooLate):  # the list may be hidden once the series is open
                self.page.get_by_text(series).first.dblclick(timeout=10_000)
            try:
                yes.click(timeout=60_000)
            except TooLate:
                assert time.monotonic() < end, (series, self.errors, self.picture("failed"))
            else:
                return

    def clear(self):
        """Close the tour and the notice, which lie over the rest when the first image is there."""
        if not self.cleared:
            for over in ("Skip all", "Confirm and hide"):
                self.page.get_by_text(over, exact=True).click()
            self.cleared = True

    def picture(self, name):
        if folder := os.environ.get("OVCF_PICTURES"):
            self.page.wait_for_timeout(2000)
            self.page.screenshot(path=f"{folder}/ohif-{name}.png", scale="css")

    def scroll(self, slices):
        self.page.mouse.move(800, 450)
        for _ in range(slices):
            self.page.mouse.wheel(0, 100)
            self.page.wait_for_timeout(400)


def having(lines, finding, site, series):
    return [one for one in lines if (one["finding"], one["site"], one["series"]) == (finding, site, series)]


def line(lines, finding, site, series):
    (found,) = having(lines, finding, site, series)
    return found


def measured(reading, method, level, modality):
    """What the reading says, by ovcf."""
    (found,) = [
        m
        for m in Session(reading).assessment().measurements
        if (m.method.id, str(m.index_level), m.source.modality) == (method, level, modality)
    ]
    return found


def series_of(visit, contrast):
    """The UID of a series of the digital patient by its description."""
    heads = (dcmread(path, stop_before_pixels=True) for path in (visit / "study").rglob("*.dcm"))
    return next(str(ds.SeriesInstanceUID) for ds in heads if contrast in ds.SeriesDescription)


def shows_everything(seen, reading, visit):
    """The segmentation and the report, in the viewer's own words and numbers."""
    seen.open("ovcf: vertebral bodies")
    names = seen.until(SEGMENTS, lambda found: len(found) > 5)
    assert any("L1" in name for name in names)
    seen.scroll(6)
    seen.picture("segmentation")
    seen.open("ovcf: vertebral fracture")
    t2 = series_of(visit, "T2")
    wanted = [(name, "L1 vertebra", t2) for name in ("Anterior height Ha", "Local kyphosis angle (HAN)")]
    lines = seen.until(
        LINES, lambda found: all(one["shown"] for one in found) and all(len(having(found, *one)) == 1 for one in wanted)
    )
    height = line(lines, "Anterior height Ha", "L1 vertebra", t2)
    ours = measured(reading, "ha", "L1", "MR")
    assert float(height["shown"].split()[0]) == pytest.approx(ours.value, abs=0.051)  # the viewer prints one decimal
    angle = line(lines, "Local kyphosis angle (HAN)", "L1 vertebra", t2)
    # The viewer gives the acute angle between the lines, without its sign.
    assert float(angle["shown"].split()[0]) == pytest.approx(
        abs(measured(reading, "ka-han", "L1", "MR").value), abs=0.01
    )
    return t2


def test_orthanc_segmentation_report_an_edit_and_back(browser, tmp_path, visit, reading, written, sources):
    from ovcf.pacs.dimse import send
    from ovcf.pacs.settings import Settings
    from ovcf.pacs.web import client as web
    from tests.pacs.conftest import free_port
    from tests.pacs.test_orthanc import ORTHANC, PLUGIN

    if ORTHANC is None:
        pytest.skip("Orthanc (Debian: orthanc) is not installed")
    http, dicom = free_port(), free_port()
    (tmp_path / "orthanc").mkdir()
    config = {"StorageDirectory": str(tmp_path / "orthanc"), "Plugins": [PLUGIN], "HttpPort": http, "DicomPort": dicom}
    config |= {"DicomAet": "ORTHANC", "RemoteAccessAllowed": False, "AuthenticationEnabled": False}
    (tmp_path / "orthanc.json").write_text(json.dumps(config | {"DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}))
    url = f"http://127.0.0.1:{http}/dicom-web"
    peer = {"ae_title": "ORTHANC", "host": "127.0.0.1", "port": dicom, "url": url}
    settings = Settings.model_validate({"peers": {"orthanc": peer}})
    named = settings.peer("orthanc")
    (archive,) = [part for part in _archives() if "8042" in part]
    log = (tmp_path / "orthanc.log").open("wb")
    process = subprocess.Popen([ORTHANC, str(tmp_path / "orthanc.json")], stdout=log, stderr=log)
    try:
        _until(lambda: _answers(settings, named))
        paths = [*(visit / "study").rglob("*.dcm"), *written.glob("*.dcm")]
        assert all(answer.taken for answer in send.store(settings, *named, [path.read_bytes() for path in paths]))
        first = dcmread(written / "report.sr.dcm")
        study, before = str(first.StudyInstanceUID), set(web.images_of(*named, str(first.StudyInstanceUID)))
        with viewer(tmp_path, archive.replace("8042", str(http))) as address:
            seen = Opened(browser, address, study)
            t2 = shows_everything(seen, reading, visit)
            dragged = drag(seen, t2)
            seen.page.get_by_text("Create SR").click()
            with seen.page.expect_response(lambda r: r.request.method == "POST" and "/studies" in r.url) as stored:
                seen.page.get_by_role("button", name="Save", exact=True).click()
            assert stored.value.ok
            _until(lambda: set(web.images_of(*named, study)) > before)
            (new,) = set(web.images_of(*named, study)) - before
            (tmp_path / "saved.dcm").write_bytes(web.get_one(*named, study, new))
            assert not [error for error in seen.errors if "Cannot read" in error]
    finally:
        process.kill()
        process.wait()

    report = read_report(tmp_path / "saved.dcm")
    assert report.predecessors == (str(first.SOPInstanceUID),)
    found = edits_in(report, reading, sources, reader="A. Reader")
    (edit,), told = found.edits, found.told
    assert told == ()
    (s,) = [s for s in Session(reading).now().sets if s.seen.plane is not None]
    assert (edit.vertebra, edit.point) == (s.id_of("L1"), "superior_anterior")
    assert edit.to == pytest.approx([float(x) for x in s.seen.plane.from_patient(dragged["ends"][0])], abs=0.05)
    # And laid over the reading, ovcf measures what the viewer showed.
    after = taken_over(
        report, reading, sources, reader="A. Reader", reason="moved in OHIF", at="2026-05-01T00:00:00+00:00"
    )
    height = measured(after.file, "ha", "L1", "MR").value
    assert height == pytest.approx(float(dragged["shown"].split()[0]), abs=0.051)
    assert height > measured(reading, "ha", "L1", "MR").value + 1


def test_the_registrys_own_dicomweb_shows_both_by_a_token(browser, tmp_path, registry, visit, draft):  # noqa: F811
    import uvicorn

    from ovcf.registry.people import tokens
    from ovcf.registry.words import TokenScope
    from ovcf.server.api.app import make_service
    from ovcf.server.api.one_user import OneUser
    from tests.pacs.conftest import free_port

    images = [dcmread(path) for path in sorted((visit / "study").rglob("*.dcm"))]
    sign(registry, keep(registry, images, draft, tmp_path))
    with registry.writing(registry.admin.id) as writer:
        _, token = tokens.make(writer, registry.admin, name="OHIF", scope=TokenScope.IMAGES)
    port = free_port()
    hosts = (f"127.0.0.1:{port}",)
    app = make_service(registry, people=OneUser(registry, tmp_path), data=tmp_path / "service", hosts=hosts)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    (archive,) = [part for part in _archives() if "8321" in part]
    try:
        _until(lambda: server.started)
        asked = Request(f"http://{hosts[0]}/api/v1/dicom-web/studies", headers={"Authorization": f"Bearer {token}"})
        with urlopen(asked, timeout=300) as said:  # made once, before the viewer waits for it
            assert said.status == 200
        with viewer(tmp_path, archive.replace("8321", str(port)).replace("TOKEN", token)) as address:
            seen = Opened(browser, address, str(images[0].StudyInstanceUID))
            shows_everything(seen, draft, visit)
            seen.picture("registry")
            assert set(seen.until(PATIENTS, bool)) == {"P-0001"}
            assert str(images[0].PatientID) not in seen.page.content()
            assert not [error for error in seen.errors if "Cannot read" in error]
    finally:
        app.state.service.stopping.set()
        server.should_exit = True
        thread.join()


def drag(seen, series):
    """Drag the upper end of the anterior height of L1 on an image upwards; the line as the viewer has it then."""
    seen.page.mouse.click(1483, 135)  # the panel of measurements, on the right
    seen.page.evaluate(
        """series => {
      const { displaySetService, viewportGridService } = services;
      const shown = displaySetService.getActiveDisplaySets().find(one => one.SeriesInstanceUID === series);
      const viewportId = viewportGridService.getActiveViewportId();
      const displaySetInstanceUIDs = [shown.displaySetInstanceUID];
      viewportGridService.setDisplaySetsForViewport({ viewportId, displaySetInstanceUIDs });
    }""",
        series,
    )
    seen.page.get_by_text("Create SR").wait_for()
    seen.until(SHOWN, lambda shown: shown == {"series": series, "drawn": True})
    wanted = "Anterior height Ha", "L1 vertebra", series
    one = line(seen.until(LINES, lambda found: len(having(found, *wanted)) == 1), *wanted)
    seen.picture("measurements")
    for _ in range(3):  # a press that comes while the viewer draws takes no hold of the end
        x, y = one["screen"][0]
        mouse = seen.page.mouse
        mouse.move(x, y)
        seen.page.wait_for_timeout(500)
        mouse.down()
        for k in range(1, 8):
            mouse.move(x - k / 2, y - 2 * k)
            seen.page.wait_for_timeout(200)
        mouse.up()
        after = line(seen.until(LINES, bool), *wanted)
        if after["shown"] != one["shown"]:
            break
    assert after["shown"] != one["shown"], seen.picture("failed")
    seen.picture("edited")
    return after


def _archives():
    """The two blocks of the page that say where the images are."""
    found = []
    for text in blocks(PAGE, "nginx"):
        _, mark, rest = text.partition("    location /dicom-web/")
        found.append(mark + rest.partition("\n    }\n")[0] + "\n    }\n")
    return found


def _answers(settings, named):
    from ovcf.errors import PacsError
    from ovcf.pacs.archive_query import Query
    from ovcf.pacs.dimse import ask
    from ovcf.pacs.web import client as web

    try:
        ask.echo(settings, *named)
        return web.find(*named, Query(patient_id="nobody")) == []
    except PacsError:
        return False


def _until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
