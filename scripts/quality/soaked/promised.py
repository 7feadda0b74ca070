"""What the service acknowledged, and what it should not have done."""

from collections import Counter, defaultdict
from threading import Lock


class Promised:
    """Kept by all clients together, to be asked for when everything is over."""

    def __init__(self):
        self._lock = Lock()
        self.studies, self.assigned, self.faults = {}, {}, []
        self.edits, self.counts = defaultdict(list), Counter()
        self.signed = {}

    def study(self, id_, sent, patient):
        """A study was taken; ``patient`` is its patient's id or None."""
        with self._lock:
            self.studies[id_] = sent
            self.counts["studies"] += 1
            if patient is not None:
                self.assigned[id_] = patient

    def given(self, study, patient):
        """A study was given a patient."""
        with self._lock:
            self.assigned[study] = patient
            self.counts["studies given a patient"] += 1

    def edit(self, reading, edit):
        """An edit was saved."""
        with self._lock:
            self.edits[reading].append(edit)
            self.counts["edits"] += 1

    def count(self, what):
        """Something happened that may."""
        with self._lock:
            self.counts[what] += 1

    def fault(self, what):
        """Something happened that must not."""
        with self._lock:
            self.faults.append(what)
        print(f"FAULT {what}", flush=True)

    def number(self):
        """Of everything that was counted."""
        with self._lock:
            return self.counts.total()

    def told(self):
        """Everything counted, in words."""
        with self._lock:
            return ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items()))
