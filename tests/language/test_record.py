import json, re
from dataclasses import fields, is_dataclass
import ovcf.language.spoken as sp
from ovcf.language.worded import Worded
from ovcf.report.content import content
from ovcf.report.html import to_html
from tests.report.conftest import *
MISS={}
class Rec(dict):
    def get(self,k,d=None):
        if type(k) is Worded: return dict.get(self,k,d)
        v=dict.get(self,str(k))
        if v is None and any(c.isalpha() for c in k) and not k.isspace(): MISS.setdefault(str(k),len(MISS))
        return v
def test_record(states,monkeypatch):
    real=sp.catalogue('zh')
    monkeypatch.setattr(sp,'catalogue',lambda c: Rec(real) if c!='en' else {})
    # cover every template though not in catalogue: values too
    def in_language(text, words):
        if isinstance(text,Worded):
            if text.between is None: words.get(text.template)
            for v in text.values.values():
                if isinstance(v,str): in_language(v,words)
        else: words.get(text)
        return None
    monkeypatch.setattr(sp,'in_language',in_language)
    from ovcf.server.views import view as V
    with sp.speaking('zh'):
        for name,a in states.items():
            try: to_html(a,())
            except Exception as e: print(name,repr(e)[:200])
    json.dump(list(MISS),open('/tmp/zh/report.json','w'),ensure_ascii=False,indent=0)
