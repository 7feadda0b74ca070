"""Settings that hold for all tests."""

from hypothesis import settings

# How long an example takes says more about the machine than about the code: times are measured in bench/.
settings.register_profile("ovcf", deadline=None)
settings.load_profile("ovcf")
