"""Looking into a structured report by the codes of its items alone, without any of ovcf's own code."""


def name(item):
    code = item.ConceptNameCodeSequence[0]
    return code.CodingSchemeDesignator, code.CodeValue


def answer(item):
    code = item.ConceptCodeSequence[0]
    return code.CodingSchemeDesignator, code.CodeValue


def below(item, *wanted):
    """The items below one that have a name."""
    return [i for i in item.get("ContentSequence", ()) if name(i) == wanted]


def groups(report):
    """Every measurement group."""
    names = (("DCM", "126010"), ("99OVCF", "LANDMARKS"), ("DCM", "126011"))
    return [group for wanted in names for one in below(report, *wanted) for group in below(one, "DCM", "125007")]


def of(report, scheme, value):
    """The groups whose finding is a code."""
    return [g for g in groups(report) if any(answer(f) == (scheme, value) for f in below(g, "DCM", "121071"))]


def at(group, scheme, value):
    """Whether a group names a site."""
    return any(answer(s) == (scheme, value) for s in below(group, "SCT", "363698007"))


def number(item):
    return float(item.MeasuredValueSequence[0].NumericValue)


def drawn(item):
    """(purpose, kind, points, instance, frame) of every set of points below a measurement."""
    found = []
    for scoord in item.ContentSequence:
        if scoord.ValueType == "SCOORD":
            (reference,) = scoord.ContentSequence[0].ReferencedSOPSequence
            flat = list(scoord.GraphicData)
            points = list(zip(flat[::2], flat[1::2], strict=True))
            found.append(
                (
                    name(scoord)[1],
                    scoord.GraphicType,
                    points,
                    reference.ReferencedSOPInstanceUID,
                    reference.get("ReferencedFrameNumber"),
                )
            )
    return found
