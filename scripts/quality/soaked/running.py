"""``ovcf serve --people`` as a process that may be killed: whole, in part, at any moment."""

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

_MARK = "OVCF_SOAK"
"""A variable of the environment, by which every process that the service started is known."""
_GONE_S = 30.0
"""So long a process may outlive the service that it belongs to."""

KINDS = {
    "the whole service": 3,
    "the service alone": 2,
    "a worker": 3,
    "an assessment": 2,
    "a concluding process": 4,
    "what starts those": 1,
    "an upload": 3,
}
"""What is killed, and how often in comparison. An upload is no process: its line breaks in the middle."""


class Running:
    """The service on a folder and a port. What it prints goes to ``log``."""

    def __init__(self, folder, port, *, temporary, log, database=None, workers=2):
        self.port, self.log, self.process = port, log, None
        self.address, self.mark = f"http://127.0.0.1:{port}", uuid.uuid4().hex
        self.environment = os.environ | {
            "OVCF_DATA": str(folder),
            "OVCF_DATABASE_URL": database or "",
            "TMPDIR": str(temporary),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONUNBUFFERED": "1",
            _MARK: self.mark,
        }
        self.command = [sys.executable, "-m", "ovcf", "serve", "--people", "--port", str(port)]
        self.command += ["--workers", str(workers), "--concluding", "2"]

    def start(self):
        """Start it; it may take seconds until it answers."""
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )

    def run(self, *arguments):
        """Another command of ovcf on the same registry: its code, and what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "ovcf", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).strip()

    def kill(self, kind, chance):
        """Kill what is meant; False where nothing of the kind runs at this moment."""
        if kind == "the whole service":
            os.killpg(self.process.pid, signal.SIGKILL)
        elif kind == "the service alone":
            self.process.kill()
        else:
            there = self._of_kind(kind)
            if not there:
                return False
            try:
                os.kill(chance.choice(there), signal.SIGKILL)
            except ProcessLookupError:
                return False
        return True

    def ended(self):
        """Whether the service itself was killed."""
        return self.process.poll() is not None

    def left_over(self):
        """What still runs some time after the service was killed: nothing may."""
        until = time.monotonic() + _GONE_S
        while (left := self._marked()) and time.monotonic() < until:
            time.sleep(0.1)
        return left

    def stop(self):
        """Ask it to stop, as a system does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def end(self):
        """Whatever still runs."""
        for pid in self._marked():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _of_kind(self, kind):
        told = {pid: _command(pid) for pid in self._marked()}
        starts = [pid for pid, words in told.items() if "multiprocessing.forkserver" in words]
        return {
            "a worker": [pid for pid, words in told.items() if "jobs work" in words],
            "an assessment": [pid for pid, words in told.items() if "ovcf.jobs.child" in words],
            "a concluding process": [pid for pid in starts if _parent(pid) in starts],
            "what starts those": [pid for pid in starts if _parent(pid) not in starts],
        }[kind]

    def _marked(self):
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if f"{_MARK}={self.mark}".encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
        return found


def _command(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _parent(pid):
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0
