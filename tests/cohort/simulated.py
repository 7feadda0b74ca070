"""Patients drawn from a seed, shaped as the four studies' tables are: for the workings of recipes, not for truth."""

import numpy as np
import pandas as pd

from ovcf.cohort.data.nasovcf_column import nasovcf_of


def han(n: int = 120, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    severity = rng.normal(size=n)
    vhl, ka = np.round(8 + 7 * severity + rng.normal(0, 3, n), 1), np.round(7 + 5 * severity + rng.normal(0, 3, n), 1)
    later = rng.normal(0, 3, n)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i:03d}" for i in range(n)],
            "age_years": rng.integers(60, 92, n),
            "sex": rng.choice(["female", "male"], n, p=[0.75, 0.25]),
            "level": rng.choice(["T11", "T12", "L1", "L2"], n),
            "height_m": np.round(rng.normal(1.58, 0.07, n), 2),
            "weight_kg": np.round(rng.normal(60, 8, n), 1),
            "fracture_type": np.where(severity + rng.normal(size=n) > 0.9, "burst", "compression"),
            "vhl_percent_0mo": vhl,
            "vhl_percent_6mo": np.round(vhl + 5 + 4 * severity + later, 1),
            "ka_deg_0mo": ka,
            "ka_deg_6mo": np.round(ka + 5 + 4 * severity + later, 1),
            "t2_pattern": np.where(severity + rng.normal(size=n) > 0.3, "diffuse low", "confined high"),
            "t_score": np.round(np.minimum(-1.0, -2.6 - 0.5 * severity + rng.normal(0, 0.5, n)), 1),
            "non_union": (severity + rng.normal(size=n) > 0.9).astype(int),
        }
    )
    for month, (pain, disability) in {0: (7, 65), 1: (4, 45), 3: (3, 32), 6: (2, 22)}.items():
        frame[f"vas_{month}mo"] = np.clip(np.round(pain + severity + rng.normal(0, 0.8, n)), 0, 10)
        frame[f"odi_{month}mo"] = np.clip(np.round(disability + 6 * severity + rng.normal(0, 5, n)), 0, 100)
    return frame


def nagao(n: int = 103, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    collapse = rng.random(n) < 0.38
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i:03d}" for i in range(n)],
            "age_years": rng.integers(60, 95, n),
            "sex": rng.choice(["female", "male"], n, p=[0.8, 0.2]),
            "t_score": np.round(rng.normal(-2.7, 0.8, n), 1),
            "t2_pattern": rng.choice(["confined high", "diffuse low", "confined low"], n),
            "sq_12mo": np.where(collapse, 3, rng.integers(0, 3, n)),
        }
    )
    for month, (base, fall) in {0: (85, 0), 3: (60, 25), 12: (25, 25)}.items():
        frame[f"bme_percent_{month}mo"] = np.clip(np.round(base - fall * ~collapse + rng.normal(0, 20, n)), 0, 100)
        frame[f"vas_{month}mo"] = np.clip(np.round(7 - month / 3 + rng.normal(0, 1.5, n)), 0, 10)
        frame[f"odi_{month}mo"] = np.clip(np.round(55 - 2 * month + rng.normal(0, 12, n)), 0, 100)
        for domain in ("pain", "lumbar", "walking", "social", "mental"):
            frame[f"joabpeq_{domain}_{month}mo"] = np.clip(np.round(40 + 2 * month + rng.normal(0, 18, n)), 0, 100)
    return frame


def voormolen(patients: int = 64, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(patients):
        pain = {m: float(np.clip(round(p + rng.normal(0, 1.2)), 0, 10)) for m, p in ((0, 8), (3, 3), (6, 3), (12, 3))}
        drug = dict(zip(pain, rng.choice(["strong opioid", "weak opioid"], 1).tolist() + ["none"] * 3, strict=True))
        for _ in range(1 + (rng.random() < 0.3)):
            edema, row = float(np.clip(round(75 + rng.normal(0, 20)), 5, 100)), {"patient_id": f"P{i:02d}"}
            for m in pain:
                row |= {f"bme_percent_{m}mo": edema, f"vas_{m}mo": pain[m], f"analgesic_{m}mo": drug[m]}
                edema = float(max(0, round(edema * rng.uniform(0.2, 0.8) - 5)))
            rows.append(row)
    return pd.DataFrame(rows)


def kadri(n: int = 90, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    vbq = np.round(rng.normal(3.44, 0.82, n), 2).clip(1.2)
    fracture = rng.exponential(60 / np.exp(0.9 * (vbq - 3.44)))
    death, end = rng.exponential(120, n), rng.uniform(6, 50, n)
    first = np.minimum.reduce([fracture, death, end])
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:02d}" for i in range(n)],
            "age_years": rng.integers(55, 92, n),
            "sex": rng.choice(["female", "male"], n),
            "bmi_kg_m2": np.round(rng.normal(28.9, 5, n), 1),
            "vbq": vbq,
            "vbq_including": np.round(vbq - 0.04 + rng.normal(0, 0.15, n), 2).clip(1),
            "months": np.round(first, 1).clip(0.1),
            "event": np.select([first == fracture, first == death], ["fracture", "death"], "none"),
        }
    )


def multicentre(n: int = 1500, centres: int = 12, seed: int = 6, *, gaps: bool = True) -> pd.DataFrame:
    """The trial that ``examples/simulated-centres.csv`` is: the score holds, centres differ in how often bodies fail to
    unite, 15 % of values are missing.

    Non-union follows the total by HAN's odds ratio of 1.754 a point; a tenth die in the year.
    """
    rng = np.random.default_rng(seed)
    size = rng.dirichlet(np.full(centres, 6.0))
    centre = rng.choice(centres, n, p=size)
    severity = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "centre": [f"Centre {c + 1:02d}" for c in centre],
            "age_years": np.round(75 + 2 * severity + rng.normal(0, 7, n)).clip(55, 99).astype(int),
            "sex": rng.choice(["female", "male"], n, p=[0.75, 0.25]),
            "fracture_type": np.where(severity + rng.normal(size=n) > 1.2, "burst", "compression"),
            "vhl_percent_0mo": np.round(8 + 6 * severity + rng.normal(0, 4, n), 1),
            "ka_deg_0mo": np.round(7 + 5 * severity + rng.normal(0, 4, n), 1),
            "t2_pattern": np.where(severity + rng.normal(size=n) > 0.3, "diffuse low", "confined high"),
            "t_score": np.round(np.minimum(-1.0, -2.6 - 0.4 * severity + rng.normal(0, 0.6, n)), 1),
        }
    )
    total = nasovcf_of(frame)[0]
    line = -3.9 + rng.normal(0, 0.5, centres)[centre] + np.log(1.754) * total
    fails = rng.random(n) < 1 / (1 + np.exp(-line))
    frame["non_union"] = fails.astype(float)
    found, death, lost = rng.uniform(3, 6, n), rng.exponential(120, n), rng.uniform(5, 14, n)
    found = np.where(fails, found, np.inf)
    first = np.minimum.reduce([found, death, lost])
    frame["months"] = np.round(first, 1).clip(0.1)
    frame["event"] = np.select([first == found, first == death], ["non-union", "death"], "none")
    frame.loc[(first < 6) & (first != found), "non_union"] = np.nan
    for name, other in (("vhl_percent_0mo", "vhl_percent_reader2"), ("ka_deg_0mo", "ka_deg_reader2")):
        frame[other] = np.round(frame[name] + rng.normal(0.5, 2, n), 1)
    for name, words in (("fracture_type", ["compression", "burst"]), ("t2_pattern", ["confined high", "diffuse low"])):
        frame[f"{name}_reader2"] = np.where(rng.random(n) < 0.1, rng.choice(words, n), frame[name])
    for name in ("vhl_percent_0mo", "ka_deg_0mo", "t2_pattern", "t_score"):
        frame[name] = frame[name].mask(gaps & (rng.random(n) < np.where(severity > 0, 0.18, 0.12)))
    return frame


def messy(n: int = 180, seed: int = 11) -> pd.DataFrame:
    """The table that ``examples/simulated-cohort.csv`` is: HAN's columns as somebody keeps them in a spreadsheet."""
    rng = np.random.default_rng(seed)
    f = han(n, seed)
    late = rng.exponential(26 / np.exp(0.5 * (f["non_union"] + (f["t_score"] < -3))))
    end = rng.uniform(6, 36, n)
    level = [rng.choice([s, s.lower(), f"{s[0]} {s[1:]}"], p=[0.9, 0.05, 0.05]) for s in f["level"]]
    made = pd.DataFrame(
        {
            "Pat. No.": range(1, n + 1),
            "Age (yrs)": f["age_years"].astype(object),
            "Sex": f["sex"].map({"female": "F", "male": "M"}),
            "Fx level": level,
            "Height (cm)": (100 * f["height_m"]).round().astype(int),
            "Weight kg": f["weight_kg"],
            "Fracture type": f["fracture_type"].map({"compression": "comp.", "burst": "Burst"}),
            "Height loss (%)": f["vhl_percent_0mo"],
            "Height loss 6 months (%)": f["vhl_percent_6mo"],
            "Kyphosis angle [°]": f["ka_deg_0mo"],
            "Kyphosis angle 6 months [°]": f["ka_deg_6mo"],
            "T2 signal": f["t2_pattern"].str.capitalize(),
            "T-score L1-4": f["t_score"],
            "VAS pre": f["vas_0mo"].astype(int),
            "VAS 1m": f["vas_1mo"].astype(int),
            "VAS 6m": f["vas_6mo"].astype(int),
            "ODI pre": f["odi_0mo"].astype(int),
            "ODI 6m": f["odi_6mo"].astype(int),
            "Non-union": f["non_union"].map({1: "yes", 0: "no"}),
            "Brace": rng.choice(["none", "soft", "rigid"], n, p=[0.3, 0.4, 0.3]),
            "Centre": rng.choice(["North", "South", "West"], n),
            "Follow-up (months)": np.minimum(late, end).round(1).clip(0.1),
            "New fracture": np.where(late <= end, "yes", "no"),
        }
    )
    for name in ("T-score L1-4", "Weight kg", "VAS 6m", "Brace"):
        made[name] = made[name].astype(object).mask(rng.random(n) < 0.04)
    return made
