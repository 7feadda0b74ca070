"""The command, for tests that follow an assessment to its report."""

from tests.cli.conftest import command  # noqa: F401  # a fixture
