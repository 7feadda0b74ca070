"""``ovcf reading open`` as a user meets it."""

import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def running(path):
    """The command with a small reading: (process, the first line it prints)."""
    command = [sys.executable, "-m", "ovcf", "reading", "open", str(path), "--no-browser", "--reader", "A. Reader"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process, process.stdout.readline().strip()
    process.terminate()
    process.wait(timeout=60)


def test_it_prints_an_address_of_this_machine_with_a_secret_and_answers_there(running):
    _, address = running
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", address)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.split("?")[0] + "api/reading")


def test_ctrl_c_ends_it_without_a_traceback(running):
    import signal

    process, _ = running
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) in (0, 130, -signal.SIGINT)


def test_a_file_that_is_no_reading_is_said_before_anything_is_served(command, tmp_path):
    (tmp_path / "x.ovcf").write_text("nothing")
    code, _, said = command("reading", "open", tmp_path / "x.ovcf", "--no-browser")
    assert code == 2
    assert "is not a reading" in said


def test_a_port_that_is_taken_is_named_with_what_to_do(command, path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, said = command("reading", "open", path, "--no-browser", "--port", taken.getsockname()[1])
    assert code == 2
    assert "Choose another port" in said


def test_without_the_extra_it_says_how_to_get_it(command, path, monkeypatch):
    from ovcf.cli.reading import reading_open

    monkeypatch.setattr(reading_open, "find_spec", lambda _: None)
    code, _, said = command("reading", "open", path)
    assert code == 2
    assert 'pip install ".[server]"' in said
