import os
from ovcf.registry.words import Window
import pytest, re, json, pytest
from pathlib import Path
from tests.e2e.spoken import english_left
from tests.study.served import CODE, StudyPlace, serving, signed_in
from tests.people.conftest import Place
TABLE = Path(__file__).resolve().parents[2] / "examples" / "simulated-cohort.csv"
OUT = os.environ.get("ZH_OUT", "/tmp/words/left")
Path(OUT).mkdir(exist_ok=True)

def chinese(page):
    page.evaluate("localStorage.setItem('ovcf-language','zh'); document.cookie='ovcf-language=zh; path=/; max-age=999999'")
    page.set_default_timeout(15000)
    return page

def look(page, name):
    page.wait_for_timeout(900)
    left = english_left(page)
    Path(f"{OUT}/{name}.txt").write_text("\n".join(left))
    page.screenshot(path=f"{OUT}/{name}.png", full_page=True)

@pytest.mark.slow
def test_study(browser, tmp_path):
    place = StudyPlace(tmp_path / "data", depths=(4.0, 9.0), washout_days=0)
    place.fill("A-001", Window("pretreatment"), "images", {"vhl_percent": 178, "ka_deg": 12})
    place.assign()
    with serving(place, place.registry.files.folder.parent, "coordinator-A", "monitor-A", "r1") as address:
        m = chinese(signed_in(browser, address, "monitor-A"))
        m.goto(f"{address}/studies/#/{CODE}/queries"); m.wait_for_timeout(800)
        look(m, "queries-monitor-before")
        m.locator("main button").first.click()
        look(m, "queries-monitor")
        p = chinese(signed_in(browser, address, "coordinator-A"))
        for part in ("", f"#/{CODE}", f"#/{CODE}/protocol", f"#/{CODE}/patients", f"#/{CODE}/patients/A-001", f"#/{CODE}/queries", f"#/{CODE}/readings", f"#/{CODE}/outcomes", f"#/{CODE}/data", "#/training"):
            p.goto(f"{address}/studies/{part}"); p.reload(); p.wait_for_timeout(700)
            for s in p.locator("main summary").all():
                s.click()
            look(p, "study-" + re.sub(r"\W+", "-", part))
        print(p.locator("nav a").evaluate_all("x => x.map(a => a.getAttribute('href'))"))
        r = chinese(signed_in(browser, address, "r1"))
        for part in (f"#/{CODE}/readings", f"#/{CODE}/outcomes", "#/train", "#/training"):
            r.goto(f"{address}/studies/{part}"); r.reload()
            look(r, "reader-" + re.sub(r"\W+", "-", part))
    place.registry.close()

@pytest.mark.slow
def test_cohort(browser, tmp_path):
    place = Place(tmp_path / "data")
    with serving(place, place.registry.files.folder.parent, "researcher-A") as address:
        p = chinese(signed_in(browser, address, "researcher-A"))
        p.goto(f"{address}/cohort/"); look(p, "cohort-begin")
        p.locator("input[type=file]").set_input_files(TABLE)
        p.wait_for_timeout(3000); look(p, "cohort-table")
        names = p.locator(".questions button, [role=group] button").all_inner_texts()
        print(names)
        for i in range(p.locator("main button").count()):
            print(i, p.locator("main button").nth(i).inner_text())
    place.registry.close()
