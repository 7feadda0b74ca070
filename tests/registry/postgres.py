"""A PostgreSQL server of the tests' own: Debian's programs, a folder that goes with it, one database a test."""

import getpass
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg


def programs():
    """The folder of initdb and pg_ctl, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


@contextmanager
def server(*, durable=False):
    """Start a server that listens on a socket in a folder; gives that folder.

    ``durable``: every commit is on the disk before it is acknowledged, as on a real server; tests are faster without.
    """
    bin_ = programs()
    # PostgreSQL does not run as root; Debian's package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="ovcf-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command):
        subprocess.run(
            [str(c) for c in command],
            check=True,
            user=user if os.geteuid() == 0 else None,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    run(bin_ / "initdb", "-D", data, "-A", "trust", "-U", "ovcf", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-k {folder} -c listen_addresses=''"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off"
    run(bin_ / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield folder
    finally:
        run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def new_database(folder, name, template="template1"):
    """Make a database; its address."""
    with psycopg.connect(f"host={folder} user=ovcf dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return f"postgresql://ovcf@/{name}?host={folder}"
