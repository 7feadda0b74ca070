"""The settings say what is wrong with them, by name, and never send by default what nobody signed."""

import pytest

from ovcf.errors import MissingFileError, PacsError
from ovcf.pacs.settings import GetBy, Patients, SendWhen, Settings
from tests.documents import ROOT, blocks

GOOD = '[peers.a]\nae_title = "A"\nhost = "h"\nport = 104\n'


def test_without_a_word_only_signed_results_go_and_nobody_is_admitted():
    settings = Settings()
    assert settings.results.send is SendWhen.SIGNED
    assert settings.results.to == ()
    assert settings.here.patients is Patients.KNOWN
    assert settings.here.listen == "127.0.0.1"
    assert settings.here.known_only


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[here]\nport = 70000", "here.port"),
        ("[here]\nport = 'x'", "here.port"),
        ('[here]\nae_title = "A NAME THAT IS TOO LONG"', "here.ae_title"),
        ('[here]\nae_title = "A\\\\B"', "here.ae_title"),
        ("[here]\nquiet = 3", "here.quiet"),
        ("[hear]\nport = 3", "hear"),
        ('[results]\nsend = "always"', "results.send"),
        ('[results]\nto = ["b"]\n' + GOOD, "no peer"),
        ('[results]\nobjects = ["XML"]', "results.objects"),
        ('[peers.a]\nae_title = "A"', "host and port"),
        ("[peers.a]\nhost = 'h'", "or url"),
        ('[peers.a]\nurl = "https://h/dicom-web"', "STOW-RS"),
        (GOOD + 'by = "STOW-RS"', "needs a url"),
        (GOOD + 'get_by = "WADO-RS"', "needs a url"),
        ('[peers.a]\nurl = "https://h"\nby = "STOW-RS"\nget_by = "C-MOVE"', "needs ae_title"),
        ("[fetch]\nport = 0", "fetch.port"),
        (GOOD + 'url = "ftp://h"', "https://"),
        (GOOD + "tls = true", "[here.tls]"),
        ('[catch_up]\npeers = ["b"]\n' + GOOD, "no peer"),
        ("here = ", "no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    (tmp_path / "pacs.toml").write_text(text)
    with pytest.raises(PacsError) as caught:
        Settings.read(tmp_path / "pacs.toml")
    assert said in str(caught.value)


def test_a_secret_lies_in_a_file_that_is_there_and_goes_over_https_only(tmp_path):
    text = '[peers.a]\nurl = "{}"\nby = "STOW-RS"\nuser = "u"\npassword_file = "secret"\n'
    path = tmp_path / "pacs.toml"
    path.write_text(text.format("https://h/dicom-web"))
    with pytest.raises(MissingFileError):
        Settings.read(path)
    (tmp_path / "secret").write_text("s3cret\n")
    assert Settings.read(path).peers["a"].password_file == tmp_path / "secret"
    path.write_text(text.format("http://h/dicom-web"))
    with pytest.raises(PacsError, match="https only"):
        Settings.read(path)
    path.write_text(text.format("http://127.0.0.1:8042/dicom-web"))
    Settings.read(path)


def test_a_peer_is_named_where_there_are_several(tmp_path):
    (tmp_path / "pacs.toml").write_text(GOOD)
    one = Settings.read(tmp_path / "pacs.toml")
    assert one.peer()[0] == one.peer("a")[0] == "a"
    (tmp_path / "pacs.toml").write_text(GOOD + GOOD.replace("peers.a", "peers.b"))
    several = Settings.read(tmp_path / "pacs.toml")
    for name in (None, "c"):
        with pytest.raises(PacsError, match="a, b"):
            several.peer(name)


def test_the_settings_for_c_move_are_those_of_the_page(tmp_path):
    page = (ROOT / "docs" / "how-to" / "pacs.md").read_text("utf-8")
    (text,) = [block for block in blocks(page, "toml") if "C-MOVE" in block]
    (tmp_path / "pacs.toml").write_text(text)
    settings = Settings.read(tmp_path / "pacs.toml")
    _, peer = settings.peer()
    assert peer.fetched_by is GetBy.MOVE
    here = settings.fetching()
    assert (here.ae_title, here.listen, here.port) == ("OVCF_GET", "0.0.0.0", 11113)
    assert (settings.here.ae_title, settings.here.port) == ("OVCF", 11112)  # the listener's stay its own
