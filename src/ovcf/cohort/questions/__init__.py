"""One question each to any table: who are the patients, does a score tell them apart, when does it happen, why?"""
