"""What a page without Python would do: compute a score from its exported JSON alone. Written apart from ovcf."""

from itertools import product


def holds(condition, facts, tolerance):
    """True, False or None (not known)."""
    if condition is None:
        return True
    if "of" in condition:
        parts = [holds(part, facts, tolerance) for part in condition["of"]]
        if parts.count(True) >= condition["at_least"]:
            return True
        return None if parts.count(True) + parts.count(None) >= condition["at_least"] else False
    value = facts.get(condition["input"])
    if value is None:
        return condition["unknown"]
    wanted = condition["values"]
    if condition["relation"] == "in":
        return value in wanted
    apart = value - wanted[0]
    if abs(apart) <= tolerance:
        return condition["relation"] in ("<=", "=", ">=")
    return condition["relation"] in (("<", "<=") if apart < 0 else (">", ">="))


def first(cases, facts, tolerance):
    """The cases that may be the first to hold."""
    found = []
    for case in cases:
        answer = holds(case["when"], facts, tolerance)
        if answer is not False:
            found.append(case)
        if answer:
            return found
    return found or list(cases)


def told(exported, facts):
    """The facts without those whose word says that they are not known."""
    unknown = {i["id"]: i["unknown_word"] for i in exported["score"]["inputs"] if i["unknown_word"]}
    return {name: value for name, value in facts.items() if unknown.get(name) != value}


def scored(exported, facts):
    """Total or None, group or None, range of totals or None, of an item table."""
    facts = told(exported, facts)
    score, tolerance = exported["score"], exported["tolerance"]
    counted, ranges, outside = [], [], False
    for item in score["items"]:
        if holds(item["when"], facts, tolerance) is not True:
            continue
        points = {case["points"] for case in first(item["cases"], facts, tolerance)}
        outside |= points == {None}
        possible = sorted(points - {None})
        ranges.append(possible or [0])
        if len(points) == 1:
            counted.append(possible[0] if possible else None)
        else:
            counted.append(sorted([possible[0], 0, possible[-1]])[1] if item["zero_if_unknown"] else None)
    unlike = any(holds(check["alike"], facts, tolerance) is False for check in score["checks"])
    if outside or unlike:
        return None, None, None
    known = [points for points in counted if points is not None]
    average = score["average"]
    each = average["times"] / len(counted) if average else 1
    low, high = (each * sum(r[end] for r in ranges) for end in (0, -1))
    if len(known) < (average["at_least"] if average else len(counted)):
        return None, None, (low, high)
    total = sum(known)
    if average:
        low = high = total = average["times"] * total / len(known)
    return total, first(score["groups"], {"total": total}, tolerance)[0]["label"], (low, high)


def asked_for(node, name):
    """Every question about an input, anywhere below."""
    if isinstance(node, dict):
        if node.get("input") == name:
            yield node
        node = list(node.values())
    for part in node if isinstance(node, list) else ():
        yield from asked_for(part, name)


def limits(node, name):
    """Every limit on an input, anywhere below."""
    return [fact["values"][0] for fact in asked_for(node, name) if fact["relation"] != "in"]


def answers(exported, declared, beside=1e-3):
    """Answers that stand for every answer an input can have."""
    if declared["kind"] == "flag":
        return [False, True]
    if declared["words"]:
        return [word for word in declared["words"] if word != declared["unknown_word"]]
    beside = 1 if declared["kind"] == "whole" else beside
    found = {x + step for x in limits(exported, declared["id"]) for step in (-beside, 0, beside)} or {declared["low"]}
    low, high = declared["low"], declared["high"]
    return sorted(x for x in found if (low is None or x >= low) and (high is None or x <= high))


def labels(exported, facts):
    """Every class that some answer to what is not known would give."""
    classes, tolerance = exported["score"]["classes"], exported["tolerance"]
    missing = [i for i in exported["score"]["inputs"] if facts.get(i["id"]) is None]
    asked = [i for i in missing if any(fact["unknown"] is None for fact in asked_for(classes, i["id"]))]
    trials = [[(i["id"], answer) for answer in answers(exported, i)] for i in asked]
    return {first(classes, {**facts, **dict(trial)}, tolerance)[0]["label"] for trial in product(*trials)}
