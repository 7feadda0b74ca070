"""A concept of the dictionary as highdicom takes it."""

from __future__ import annotations

from highdicom.sr import CodedConcept

from ovcf.coded.codes import concepts


def concept(section: str, id_: str) -> CodedConcept:
    """The code of a concept."""
    one = concepts()[section][id_]
    return CodedConcept(one.value, one.scheme, one.meaning)
