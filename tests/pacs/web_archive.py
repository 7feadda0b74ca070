"""An archive that speaks DICOMweb, as far as tests need it: it keeps what it is sent, and does as it is told."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

from pydicom import Dataset, dcmread

from tests.pacs.conftest import as_file

STUDY_LEVEL = ("PatientID", "PatientName", "StudyDate", "StudyDescription", "AccessionNumber", "StudyInstanceUID")


class WebArchive:
    """``refuse``: HTTP status of every STOW-RS; ``fails``: modality to failure reason (PS3.3 C.29.1.1.1)."""

    def __init__(self):
        self.kept, self.order, self.asked, self.refuse, self.fails, self.tokens = {}, [], [], None, {}, []
        self.server = None
        self.port = 0

    def __enter__(self):
        archive = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                archive.get(self)

            def do_POST(self):
                archive.post(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Door)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.away()

    def away(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def peer(self):
        return {"url": f"http://127.0.0.1:{self.port}/dw", "by": "STOW-RS"}

    def put(self, *images):
        """As if a modality had sent them."""
        for ds in images:
            self.kept.setdefault(str(ds.SOPInstanceUID), []).append(as_file(ds))

    def objects(self):
        return [dcmread(BytesIO(files[0])) for files in self.kept.values()]

    def get(self, door):
        path, asked = urlsplit(door.path).path.removeprefix("/dw"), dict(parse_qsl(urlsplit(door.path).query))
        self.asked.append(path)
        self.tokens.append(door.headers.get("Authorization"))
        if path == "/studies":
            found = {}
            for ds in self.objects():
                if fits(ds, asked):
                    found.setdefault(str(ds.StudyInstanceUID), row(ds, STUDY_LEVEL, ModalitiesInStudy=ds.Modality))
            rows = list(found.values())[int(asked.get("offset", 0)) :][: int(asked.get("limit", 1000))]
            return answer(door, 200 if rows else 204, json.dumps(rows).encode(), "application/dicom+json")
        study = path.split("/")[2]
        there = [ds for ds in self.objects() if str(ds.StudyInstanceUID) == study]
        if path.endswith("/instances"):
            named = [
                ds for ds in there if asked.get("SOPInstanceUID", str(ds.SOPInstanceUID)) == str(ds.SOPInstanceUID)
            ]
            keywords = ("SOPInstanceUID", "SOPClassUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality")
            rows = [row(ds, keywords) for ds in named][int(asked.get("offset", 0)) :]
            return answer(door, 200, json.dumps(rows).encode(), "application/dicom+json")
        if (one := re.search(r"/instances/([\d.]+)$", path)) is not None:
            there = [ds for ds in there if str(ds.SOPInstanceUID) == one[1]]
        if not there:
            return answer(door, 404, b"", "text/plain")
        parts = b"".join(b"--X\r\nContent-Type: application/dicom\r\n\r\n" + as_file(ds) + b"\r\n" for ds in there)
        return answer(door, 200, parts + b"--X--\r\n", 'multipart/related; type="application/dicom"; boundary=X')

    def post(self, door):
        body = whole(door)
        self.tokens.append(door.headers.get("Authorization"))
        if self.refuse is not None:
            return answer(door, self.refuse, b"", "text/plain")
        boundary = re.search(r'boundary="?([^";]+)', door.headers["Content-Type"])[1].encode()
        told = Dataset()
        done, failed = [], []
        for part in body.split(b"--" + boundary)[1:-1]:
            data = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            ds, item = dcmread(BytesIO(data)), Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
            if str(ds.Modality) in self.fails:
                item.FailureReason = self.fails[str(ds.Modality)]
                failed.append(item)
            else:
                done.append(item)
                self.order.append(str(ds.Modality))
                self.kept.setdefault(str(ds.SOPInstanceUID), []).append(data)
        told.ReferencedSOPSequence, told.FailedSOPSequence = done, failed
        status = 409 if failed and not done else 202 if failed else 200
        return answer(door, status, json.dumps(told.to_json_dict()).encode(), "application/dicom+json")


def whole(door):
    """The body of a request; the client sends a large one in chunks (RFC 9112, 7.1)."""
    if "Content-Length" in door.headers:
        return door.rfile.read(int(door.headers["Content-Length"]))
    found = b""
    while size := int(door.rfile.readline(), 16):
        found += door.rfile.read(size)
        door.rfile.readline()
    door.rfile.readline()
    return found


def fits(ds, asked):
    """Dates, modality and patient, as QIDO-RS matches them."""
    begin, _, end = asked.get("StudyDate", "").partition("-")
    day = str(ds.StudyDate)
    return (
        asked.get("ModalitiesInStudy", ds.Modality) == ds.Modality
        and asked.get("PatientID", ds.PatientID) == ds.PatientID
        and begin <= day
        and (not end or day <= end)
    )


def row(ds, keywords, **more):
    found = Dataset()
    for keyword in keywords:
        setattr(found, keyword, ds.get(keyword, ""))
    for keyword, value in more.items():
        setattr(found, keyword, value)
    return found.to_json_dict()


def answer(door, status, body, kind):
    door.send_response(status)
    door.send_header("Content-Type", kind)
    door.send_header("Content-Length", "0" if status == 204 else str(len(body)))
    door.end_headers()
    if status != 204:
        door.wfile.write(body)
