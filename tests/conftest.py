"""Settings that hold for all tests."""

import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code: times are measured in bench/.
# Everybody sees the same examples; EXPLORE=1 looks for new ones.
settings.register_profile("ovcf", deadline=None, derandomize="EXPLORE" not in os.environ)
settings.load_profile("ovcf")

LONGEST = ("test_documents.py", "test_worklist.py", "test_timeline.py", "test_reader_study.py", "test_training.py")


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that at the end no process waits long for another."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
