"""Run the command in-process, as the program does."""

import pytest

from ovcf.cli import main


@pytest.fixture
def command(monkeypatch, capsys):
    """``command("score", "odi", …)``: (exit code, standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["ovcf", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "120")
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
