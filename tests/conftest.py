"""Settings that hold for all tests."""

import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code: times are measured in bench/.
# Everybody sees the same examples; EXPLORE=1 looks for new ones.
settings.register_profile("ovcf", deadline=None, derandomize="EXPLORE" not in os.environ)
settings.load_profile("ovcf")
