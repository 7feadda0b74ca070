"""Who has a vertebral fracture? NHANES 2013-2014 by age, sex, bone density and body mass, with the survey's weights.

``python -m scripts.survey_fracture docs/how-to/survey-fracture.md`` writes the page and its two figures.
"""

import argparse
import lzma
from pathlib import Path

import pandas as pd

from ovcf.cohort.groups.survey import SurveyDesign, survey_logistic, survey_shares
from ovcf.cohort.prediction.roc import roc
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.result import AnalysisResult, Table
from scripts import nhanes

BANDS = {"40-54": (40, 55), "55-64": (55, 65), "65-74": (65, 75), "75 and over": (75, 120)}
AGE, SEX, BMD, BMI = "age (years)", "sex", "low femoral neck BMD (SD)", "body mass index (kg/m2)"
OUTCOME = "vertebral fracture"
PER = {AGE: 10.0, BMI: 5.0}


def survey() -> pd.DataFrame:
    """Everyone with a vertebra read: fracture at any level T4-L4 in the final reading, and what may explain it."""
    tables = {}
    for name in ("DEMO_H", "DXXVFA_H", "DXXFEM_H", "BMX_H"):
        with lzma.open(nhanes.FOLDER / f"{name}.csv.xz", "rt", encoding="utf-8") as file:
            tables[name] = pd.read_csv(file, na_values=".").set_index("SEQN")
    grades = tables["DXXVFA_H"].filter(regex=r"FX$")
    grades = grades[grades.notna().any(axis=1)]
    demography = tables["DEMO_H"].loc[grades.index]
    bmd = tables["DXXFEM_H"]["DXXNKBMD"].reindex(grades.index)
    age = demography["RIDAGEYR"]
    edges = [low for low, _ in BANDS.values()] + [120]
    return pd.DataFrame(
        {
            OUTCOME: (grades >= 1).any(axis=1).astype(int),
            AGE: age,
            "age band": pd.cut(age, edges, right=False, labels=list(BANDS)),
            SEX: pd.Categorical(demography["RIAGENDR"].map({1: "men", 2: "women"}), ["men", "women"]),
            BMD: (bmd.mean() - bmd) / bmd.std(),
            BMI: tables["BMX_H"]["BMXBMI"].reindex(grades.index),
            "weight": demography["WTMEC2YR"],
            "stratum": demography["SDMVSTRA"],
            "unit": demography["SDMVPSU"],
        }
    )


def markdown(table: Table) -> str:
    """A table of results for the page."""
    align = ["---:" if c.style else "---" for c in table.columns]
    lines = [table.headings(), align, *table.cells()]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def remarks(result: AnalysisResult) -> str:
    """Method, n, missing, in one paragraph."""
    return "*" + ". ".join(r for r in result.remarks() if not r.startswith("Reference")) + ".*"


def draw(result: AnalysisResult, path: Path) -> None:
    """One figure as SVG, the same bytes each time."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "ovcf", "font.size": 9}):
        result.plot().figure.savefig(path, bbox_inches="tight", metadata={"Date": None}, transparent=False)


def page(frame: pd.DataFrame, out: Path) -> str:
    """The page as Markdown; its figures are written beside it."""
    design = SurveyDesign.of(frame, weight="weight", stratum="stratum", unit="unit")
    shares = survey_shares(frame, OUTCOME, design, by=(SEX, "age band"), label="Prevalent vertebral fracture")
    predictors = [AGE, SEX, BMD, BMI]
    weighted = survey_logistic(frame, OUTCOME, predictors, design, per=PER)
    without = survey_logistic(frame, OUTCOME, [AGE, SEX, BMI], design, per=PER)
    plain = logistic(frame, OUTCOME, predictors, per=PER)
    area = roc(frame[OUTCOME], frame[BMD], name=BMD, rules=()).auc
    names = {"shares": f"{out.stem}-shares.svg", "model": f"{out.stem}-model.svg"}
    draw(shares, out.with_name(names["shares"]))
    draw(weighted, out.with_name(names["model"]))
    side_by_side = "\n".join(
        f"| {w.term} | {w.odds_ratio:.2f} | {p.odds_ratio:.2f} |"
        for w, p in zip(weighted.effects, plain.effects, strict=True)
    )
    bmd = next(e for e in weighted.effects if e.term.variable == BMD)
    age_alone, age = (m.effects[0].odds_ratio for m in (without, weighted))
    events, n = int(frame[OUTCOME].sum()), len(frame)
    known = frame[[OUTCOME, BMD]].dropna()
    return f"""# Worked example: who has a vertebral fracture?

Real people, a real survey, every step in code. Data: NHANES 2013-2014 (Centers for Disease Control and Prevention,
public domain), lateral DXA of the spine in adults of 40 years and over, read for fractures at T4 to L4.

!!! warning "Not population estimates"

    The table used here is a subset of the survey's participants, chosen by a hash of their number. The weights and the
    design are the survey's, so the *method* is the one to use; the figures are those of the subset. The outcome is a
    deformity graded by readers at one visit: when it happened, and of what, is not known.

{n} people had at least one vertebra read; {events} had a fracture (final reading of grade 1 or more at any level).

## The method in ten lines

```python
from ovcf.cohort.groups.survey import SurveyDesign, survey_logistic, survey_shares

design = SurveyDesign.of(frame, weight="weight", stratum="stratum", unit="unit")
shares = survey_shares(frame, "{OUTCOME}", design, by=("{SEX}", "age band"), label="Prevalent vertebral fracture")
model = survey_logistic(
    frame, "{OUTCOME}", ["{AGE}", "{SEX}", "{BMD}", "{BMI}"], design,
    per={{"{AGE}": 10, "{BMI}": 5}},
)
print(shares, model, sep="\\n\\n")
shares.save_plot("shares.svg")
```

`weight` is `WTMEC2YR`, `stratum` `SDMVSTRA`, `unit` `SDMVPSU`; bone density is that of the femoral neck, turned so that
more is lower, in standard deviations of this sample. The whole script is `scripts/survey_fracture.py`, which wrote this
page. Shares and odds ratios agree with R's `survey` package to six digits (`tests/cohort/test_survey.py`).

## How many

![Share with a vertebral fracture by age and sex]({names["shares"]})

{markdown(shares.tables[0])}

{remarks(shares)}

## What goes with it

![Odds ratios of age, sex, bone density and body mass]({names["model"]})

{markdown(weighted.tables[0])}

{remarks(weighted)}

A bone density one standard deviation lower goes with odds {bmd.odds_ratio:.2f} times as high, age, sex and body mass
being equal. Without bone density in the model ten years of age have an odds ratio of {age_alone:.2f}; with it,
{age:.2f}.

Low bone density alone tells those with a fracture from those without with an AUC of {area:.2f} (unweighted,
{int(known[OUTCOME].sum())} of {len(known)} people): of use in groups, of little use to say who has one. A deformity may
be old, and some are no fractures at all; a cross-section cannot tell cause from consequence.

## Why the weights matter

| Term | Weighted, design-based | Unweighted, as if a simple sample |
|---|---|---|
{side_by_side}

The unweighted interval takes people of one sampling unit as unrelated, and the unweighted odds ratio is that of the
people sampled, not of those they stand for. Which is wanted should be said before the data are seen.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="where the Markdown goes; figures beside it")
    out = parser.parse_args().page
    out.write_text(page(survey(), out), encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
