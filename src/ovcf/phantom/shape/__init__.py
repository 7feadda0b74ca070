"""Spines as shapes: a statistical model of real people, extended by anatomy, fractured on request."""

from ovcf.phantom.shape.sampling import sample_spine
from ovcf.phantom.shape.spine import Body, Fracture, SpineShape

__all__ = ["Body", "Fracture", "SpineShape", "sample_spine"]
