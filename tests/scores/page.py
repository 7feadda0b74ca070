"""What a page without Python would do: compute a score from its exported JSON alone. Written apart from ovcf."""

import math
from itertools import product


def known_of(score, facts):
    """The facts with every quantity that can be computed from them."""
    known = dict(facts)
    for declared in score["inputs"]:
        several = known.get(declared["id"]) if declared["kind"] == "numbers" else None
        if isinstance(several, list | tuple):
            known |= {f"{declared['id']}[{k}]": x for k, x in enumerate(several, 1)}
            known[declared["id"]] = None if None in several else len(several)
    words = {i["id"]: i["words"] for i in score["inputs"]}
    for quantity in score["quantities"]:
        if quantity["id"] not in facts:
            known[quantity["id"]] = computed(quantity["value"], known, words)
    return known


def computed(part, known, words):
    """A number, or None where something in it is not known or it has no value."""
    if not isinstance(part, dict):
        found = known.get(part) if isinstance(part, str) else part
        return words[part].index(found) if isinstance(found, str) else found
    of = [computed(operand, known, words) for operand in part["of"]]
    if part["do"] == "first known":
        return next((x for x in of if x is not None), None)
    if part["do"] == "by word":
        return None if of[0] is None else of[1 + int(of[0])]
    if None in of or (part["do"] == "/" and of[1] == 0):
        return None
    first, *others = of
    if part["do"] in ("abs", "floor", "min", "max"):
        return {"abs": abs, "floor": math.floor, "min": min, "max": max}[part["do"]](*of)
    for x in others:
        first = {"+": first + x, "-": first - x, "*": first * x, "/": x and first / x}[part["do"]]
    return first if others else -first


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
    known = {name: value for name, value in facts.items() if unknown.get(name) != value}
    return known_of(exported["score"], known)


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
    group = first(score["groups"], {"total": total}, tolerance)[0]["label"] if score["groups"] else None
    return total, group, (low, high)


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


def names(part):
    """Every input or quantity that arithmetic asks for."""
    if isinstance(part, dict):
        return [name for operand in part["of"] for name in names(operand)]
    return [part] if isinstance(part, str) else []


def answers(exported, declared, beside=1e-3):
    """Answers that stand for every answer an input can have, or for all that a quantity can come to."""
    if "value" in declared:
        return sorted({x + step for x in limits(exported, declared["id"]) for step in (-beside, 0, beside)})
    if declared["kind"] == "flag":
        return [False, True]
    if declared["kind"] == "numbers":
        return [[2, 1, 2, 1], [1] * 6, [2] * 7, [3] * 5, [2, None, 1, 1], [0.5] * 4]
    if declared["words"]:
        return [word for word in declared["words"] if word != declared["unknown_word"]]
    beside = 1 if declared["kind"] == "whole" else beside
    at = limits(exported, declared["id"])
    within, low, high = [declared["id"]], declared["low"], declared["high"]
    for quantity in exported["score"]["quantities"]:  # each may be made of those before it
        if any(name in within for name in names(quantity["value"])):  # 0 and a limit: their difference reaches it
            within.append(quantity["id"])
            at += [0, *limits(exported, quantity["id"])]
    found = sorted(x + step for x in {*at} for step in (-beside, 0, beside))
    possible = [x for x in found if (low is None or x >= low) and (high is None or x <= high)]
    return possible or [x for x in (low, high) if x is not None] or [None]  # a weight, whose quantity alone has limits


def labels(exported, facts):
    """Every class that some answer to what is not known would give."""
    classes, tolerance = exported["score"]["classes"], exported["tolerance"]
    score, facts = exported["score"], known_of(exported["score"], facts)
    missing = [i for i in (*score["inputs"], *score["quantities"]) if facts.get(i["id"]) is None]
    asked = [i for i in missing if any(fact["unknown"] is None for fact in asked_for(classes, i["id"]))]
    trials = [[(i["id"], answer) for answer in answers(exported, i)] for i in asked]
    return {first(classes, {**facts, **dict(trial)}, tolerance)[0]["label"] for trial in product(*trials)}
