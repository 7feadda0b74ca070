"""Files by content: once, whole, sealed where a key is given, and never another than was put in."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.errors import RegistryError
from ovcf.registry.files import FileStore

KEY = bytes(range(32))


@pytest.mark.parametrize("key", [None, KEY], ids=["open", "sealed"])
@given(content=st.binary(max_size=300))
def test_what_is_put_in_comes_out(tmp_path_factory, key, content):
    store = FileStore(tmp_path_factory.mktemp("files"), key)
    digest = store.put(content)
    assert store.put(content) == digest
    assert store.get(digest) == content
    assert list(store) == [digest]
    store.remove(digest)
    assert digest not in store


def the_file(folder):
    (path,) = (p for p in folder.rglob("*") if p.is_file())
    return path


def test_a_sealed_file_tells_nothing(tmp_path):
    FileStore(tmp_path, KEY).put(b"Dunkelmann" * 10)
    assert b"Dunkelmann" not in the_file(tmp_path).read_bytes()
    assert the_file(tmp_path).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", [None, KEY], ids=["open", "sealed"])
def test_a_changed_file_is_refused(tmp_path, key):
    store = FileStore(tmp_path, key)
    digest = store.put(b"pixels")
    path = the_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(RegistryError, match="changed"):
        store.get(digest)


def test_the_wrong_key_and_none_are_told_apart(tmp_path):
    digest = FileStore(tmp_path, KEY).put(b"pixels")
    with pytest.raises(RegistryError, match="another key"):
        FileStore(tmp_path, secrets.token_bytes(32)).get(digest)
    with pytest.raises(RegistryError, match="no key"):
        FileStore(tmp_path).get(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_a_name_that_is_no_digest_never_becomes_a_path(tmp_path, digest):
    with pytest.raises(RegistryError):
        FileStore(tmp_path).get(digest)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(RegistryError, match="not in the file store"):
        FileStore(tmp_path).get("0" * 64)
