"""The tables of the digital patients: bars, kinds, and every failure with the number of its patient."""

from collections import Counter

import numpy as np

from bench.patients.kinds import KINDS

ROUTES = {"model": "built-in model, no mask", "truth": "true label map"}
#: What the line must show, and when one patient counts as a failure (beyond: error, points or share).
LIMITS = {"vhl-han": 5.0, "ka-han": 4.0, "bme-percent": 12.0, "vbq": 0.10}
NAMES = {
    "vhl-han": "VHL, points",
    "ka-han": "local KA, degrees",
    "bme-percent": "edema, points",
    "t2-low-percent": "low-signal T2 area, points",
    "t2-high-percent": "high-signal T2 area, points",
    "vbq": "VBQ, relative",
}
BARS = {"vhl-han": 1.5, "ka-han": 1.2, "bme-percent": 4.0, "vbq": 0.03}
LANDMARK_BAR, AGREEMENT_BAR, COVERED_BAR = 0.8, 0.95, (0.90, 0.98)


ABOUT = """{many}, a quarter ordinary, the others of one hard kind each, made as DICOM (T1, T2, STIR) and assessed
twice: from the images alone, and with the label map they were drawn from. The second has no error of a segmentation:
what is left is that of landmarks, thresholds and image physics.

No network was trained on these patients, and every limit was set on others
([decision 11](decisions/011-which-digital-patients-judge.md)). They are not untouched all the same. An earlier version
was measured on them, and its failures told what to work on: T2 areas and patterns, intervals of edema, height losses,
angles.

Chemical shift moves the marrow of a whole stack by up to a millimetre or so, which counts in the distance of landmarks.
Read out from head to feet (30 % of these patients), it also changes heights where fat fills a part of a body only.
STIR is the second contrast there, with a weight set on others.

Digital patients are not people: this tests the line, it does not validate it. A failure: VHL off by more than 5 points,
KA by 4 degrees, edema by 12 points, VBQ by 10 %, another T2 pattern or NASOVCF total, or a wrong level."""


def errors(rows, method):
    """Error of each patient that has the measurement (relative for VBQ)."""
    found = (row["measured"][method][:2] for row in rows)
    pairs = [(a, b) for a, b in found if a is not None and b is not None]
    return np.array([a / b - 1 if method == "vbq" else a - b for a, b in pairs])


def covered(rows, method):
    """Whether the 95 % interval of each measurement that states one holds the truth."""
    found = (row["measured"][method] for row in rows)
    return [abs(a - b) <= 1.96 * u + 1e-9 for a, b, u in found if None not in (a, b, u)]


def missing(rows, method):
    """How many lack a measurement that the truth has."""
    return sum(a is None and b is not None for a, b, _ in (row["measured"][method] for row in rows))


def agree(rows, name):
    """(as true, judged) of the T2 pattern or the score; what is withheld is not judged."""
    pairs = [row[name][:2] for row in rows]
    judged = [(a, b) for a, b in pairs if a is not None and b is not None]
    return sum(a == b for a, b in judged), len(judged)


def _share(part, whole):
    return f"{part}/{whole} ({part / whole:.0%})" if whole else "-"


def _verdict(ok):
    return "met" if ok else "**missed**"


def _table(head, rows):
    return [
        "| " + " | ".join(head) + " |",
        "|---" + "|---:" * (len(head) - 1) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def against_bars(rows):
    """One line per bar."""
    far = [d for row in rows for d in row["landmarks"]]
    inside = [i for row in rows for i in row["inside"]]
    lacking = sum(len(row["not_found"]) for row in rows)
    lines = [
        (
            "landmark distance, mm (median)",
            str(len(far)),
            f"{np.median(far):.2f}",
            "",
            f"{np.mean(inside):.0%}",
            f"{lacking} bodies",
            f"<= {LANDMARK_BAR}",
            _verdict(np.median(far) <= LANDMARK_BAR),
        )
    ]
    for method, name in NAMES.items():
        e, c = errors(rows, method), covered(rows, method)
        if not len(e):
            continue
        scale, unit = (100, " %") if method == "vbq" else (1, "")
        bar, size = BARS.get(method), float(np.abs(e).mean())
        lines.append(
            (
                f"{name} (mean absolute)",
                str(len(e)),
                f"{scale * size:.1f}{unit}",
                f"{scale * e.mean():+.1f}{unit}",
                f"{np.mean(c):.0%}" if c else "-",
                str(missing(rows, method)),
                f"<= {scale * bar:g}{unit}" if bar else "",
                _verdict(size <= bar) if bar else "",
            )
        )
    for name, title in (("t2", "T2 pattern as drawn"), ("nasovcf", "NASOVCF points as true")):
        same, judged = agree(rows, name)
        lacking = sum(row[name][0] is None and row[name][1] is not None for row in rows)
        lines.append(
            (
                title,
                str(judged),
                f"{same / max(judged, 1):.0%}",
                "",
                "",
                str(lacking),
                f">= {AGREEMENT_BAR:.0%}",
                _verdict(same >= AGREEMENT_BAR * judged),
            )
        )
    stated = [c for method in NAMES if method != "vbq" for c in covered(rows, method)]
    low, high = COVERED_BAR
    lines.append(
        (
            "95 % intervals that hold the truth, VBQ apart",
            str(len(stated)),
            f"{np.mean(stated):.0%}",
            "",
            "",
            "",
            f"{low:.0%}-{high:.0%}",
            _verdict(low <= np.mean(stated) <= high),
        )
    )
    return _table(("Quantity", "n", "found", "bias", "in the 95 % interval", "withheld", "bar", ""), lines)


def _mean(e, digits=1):
    return f"{np.abs(e).mean():.{digits}f}" if len(e) else "-"


def by_kind(rows):
    """One line per kind of patient."""
    lines = []
    for kind in KINDS:
        mine = [row for row in rows if row["kind"] == kind]
        if not mine:
            continue
        far = [d for row in mine for d in row["landmarks"]]
        lacking = sum(missing(mine, method) for method in LIMITS)
        lines.append(
            (
                kind,
                str(len(mine)),
                f"{np.median(far):.2f}" if far else "-",
                *(_mean(errors(mine, m) * (100 if m == "vbq" else 1)) for m in LIMITS),
                *("{}/{}".format(*agree(mine, name)) for name in ("t2", "nasovcf")),
                str(sum(row["asked"] for row in mine)),
                str(sum(bool(row["wrong_level"]) for row in mine)),
                str(lacking),
                str(sum(bool(failures(row)) for row in mine)),
            )
        )
    head = (
        "Kind",
        "n",
        "landmarks, mm",
        "VHL",
        "KA",
        "edema",
        "VBQ, %",
        "T2 pattern",
        "NASOVCF",
        "asked for a level",
        "wrong levels",
        "withheld",
        "patients with a failure",
    )
    return _table(head, lines)


def failures(row):
    """What failed on one patient, in words."""
    found = []
    for method, limit in LIMITS.items():
        e = errors([row], method)
        if len(e) and abs(e[0]) > limit:
            amount = f"{100 * e[0]:+.0f} %" if method == "vbq" else f"{e[0]:+.1f}"
            found.append(f"{NAMES[method].split(',')[0]} {amount}")
    for name, title in (("t2", "T2 pattern"), ("nasovcf", "NASOVCF")):
        a, b = row[name][:2]
        if a is not None and b is not None and a != b:
            found.append(f"{title} {a:g} for {b:g}" if name == "nasovcf" else f"{title} {a} for {b}")
    if row["wrong_level"]:
        found.append("levels wrong")
    return found


def _failure_list(rows):
    first = min(row["seed"] for row in rows) - 1
    lines = [(str(row["seed"] - first), row["kind"], "; ".join(found)) for row in rows if (found := failures(row))]
    if not lines:
        return ["No patient failed.", ""]
    return _table(("Patient", "kind", "what failed"), lines)


def _withheld(rows):
    """Reasons for which something true of the index vertebra was not measured, and on how many patients."""
    reasons = Counter()
    for row in rows:
        if any(missing([row], method) for method in LIMITS) or row["t2"][0] is None:
            named = {
                w[2].split(" (")[0] for w in row["withheld"] if w[1] in (None, row["index"]) or "neighbour" in w[2]
            }
            reasons.update(named or {"no reason given"})
    return [f"- {why}: {n}" for why, n in reasons.most_common(12)] or ["- nothing"]


def page(rows):
    """Everything as one Markdown section."""
    out = ["## Digital patients through the whole line", ""]
    broken = [f"{row['seed']} ({row['kind']}, {row['route']}): {row['broken']}" for row in rows if "broken" in row]
    rows = [row for row in rows if "broken" not in row]
    seeds = sorted({row["seed"] for row in rows})
    many = f"{len(seeds)} digital patients"
    out += [ABOUT.format(many=many), ""]
    if broken:
        out += ["**Ended in an error**, in no table below:", "", *(f"- {line}" for line in broken), ""]
    for route, title in ROUTES.items():
        mine = [row for row in rows if row["route"] == route]
        out += [f"### Against the bars: {title}", "", *against_bars(mine)]
        if route == "model":
            asked = sum(row["asked"] for row in mine)
            out += [f"The program asked for the level of one vertebra in {_share(asked, len(mine))}.", ""]
        out += [f"### By kind: {title}", "", *by_kind(mine), f"### Failures: {title}", "", *_failure_list(mine)]
        out += ["Why something of the index vertebra was withheld (patients):", "", *_withheld(mine), ""]
    made, spent = ([row["seconds"][name] for row in rows if row["route"] == "model"] for name in ("made", "assessed"))
    out.append(
        f"One core: {np.median(made):.1f} s to make a patient, {np.median(spent):.1f} s to assess one (medians)."
    )
    return "\n".join(out)
