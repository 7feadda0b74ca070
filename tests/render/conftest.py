"""The states of the report, which the impression is written for, too."""

from tests.report.conftest import pytest_generate_tests, states

__all__ = ["pytest_generate_tests", "states"]
