"""Whether everything that was acknowledged is there, whole and once, after everything was killed."""

from collections import Counter, defaultdict

from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.clinic.intake import DRAFT, files_of
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import DerivedFile, Job, MeasuredValue, Reading, ScoreValue, WorkItem
from ovcf.registry.words import JobState
from scripts.quality.soaked.studies import bare


class Outcome:
    """Looks at a registry that nobody works on any more; ``faults`` is what is amiss."""

    def __init__(self, registry, promised, models):
        self.registry, self.promised = registry, promised
        self.seen = {model.name: model.seen for model in models}
        self.faults, self.counts = [], Counter()

    def look(self):
        """At everything."""
        with self.registry.reading() as session:
            items = {str(item.id): item for item in session.scalars(select(WorkItem))}
            self._studies(session, items)
            self._jobs(session, items)
            states = defaultdict(dict)
            for row in session.scalars(select(Reading)):
                states[row.reading][row.revision] = row
            self._readings(items, states)
            self._numbers(session, items, states)
        return self

    def _studies(self, session, items):
        """Every acknowledged study with every file as it was sent; nothing twice."""
        if unknown := set(items) - set(self.promised.studies):
            self.faults.append(f"{len(unknown)} studies that nobody sent")
        for id_, sent in self.promised.studies.items():
            item = items.get(id_)
            if item is None:
                self.faults.append(f"{sent.name} is lost")
                continue
            kept = {file.sha256 for file in files_of(session, item)}
            if kept != sent.digests:
                self.faults.append(f"{sent.name} has other files than were sent")
            for digest in kept:
                try:
                    self.registry.files.get(digest)  # compares the content with its digest
                except RegistryError as error:
                    self.faults.append(f"{sent.name}: {error}")
            self.counts["files with their checksum"] += len(kept)
        for id_, patient in self.promised.assigned.items():
            if id_ in items and str(items[id_].patient_id) != patient:
                self.faults.append(f"{self.promised.studies[id_].name} has not the patient that it was given")

    def _jobs(self, session, items):
        """Every study was assessed, once; what was set aside has its reason."""
        jobs = defaultdict(list)
        for job in session.scalars(select(Job)):
            jobs[str(job.work_item_id)].append(job)
            self.counts["attempts"] += job.attempts
        for id_, item in items.items():
            states = Counter(job.state for job in jobs[id_])
            if states[JobState.DONE] != 1 or set(states) - {JobState.DONE, JobState.SET_ASIDE}:
                self.faults.append(f"{item.name}: its jobs are {dict(states)}")
            self.counts["jobs"] += len(jobs[id_])
            if any(job.state is JobState.SET_ASIDE and not job.why for job in jobs[id_]):
                self.faults.append(f"{item.name} was set aside without a reason")
            drafts = session.scalars(
                select(DerivedFile).where(DerivedFile.work_item_id == item.id, DerivedFile.kind == DRAFT)
            ).all()
            if (item.reading is not None) + len(drafts) != 1:
                self.faults.append(f"{item.name} has {len(drafts)} drafts and the reading {item.reading}")

    def _readings(self, items, states):
        """Every state whole and in its place, every acknowledged edit made once, and what was seen as without kills."""
        of = {item.reading: id_ for id_, item in items.items() if item.reading}
        if strange := set(states) - set(of):
            self.faults.append(f"{len(strange)} readings that belong to no study")
        for reading, made in states.items():
            newest = max(made)
            if sorted(made) != list(range(1, newest + 1)):
                self.faults.append(f"reading {reading} has the states {sorted(made)}")
            file = load_reading(self.registry, made[newest])
            edits = Counter(edit.id for edit in file.reading.current.edits)
            asked = self.promised.edits.get(reading, [])
            if missing := [name for name in asked if edits[name] != 1]:
                self.faults.append(f"reading {reading}: {len(missing)} of {len(asked)} edits are not there once")
            if len(edits) != newest - 1:
                self.faults.append(f"reading {reading} has {len(edits)} edits in {newest} states")
            id_ = of.get(reading)
            if id_ is None:
                continue
            if items[id_].revision != newest:
                self.faults.append(f"the worklist shows state {items[id_].revision} of {newest}")
            sent = self.promised.studies.get(id_)
            if sent and bare(file.observations[file.reading.versions[0].observations]) != self.seen[sent.model]:
                self.faults.append(f"{sent.name}: an assessment that was never interrupted saw something else")
            self.counts["readings"] += 1
            self.counts["states"] += newest

    def _numbers(self, session, items, states):
        """The first numbers of every reading are those of every other one of the same images."""
        of = {item.reading: self.promised.studies.get(id_) for id_, item in items.items() if item.reading}
        whole = defaultdict(Counter)
        for kind, name in ((MeasuredValue, "method"), (ScoreValue, "score")):
            value = MeasuredValue.value if kind is MeasuredValue else ScoreValue.total
            level = MeasuredValue.level if kind is MeasuredValue else ScoreValue.version
            for row in session.execute(select(kind.reading_id, getattr(kind, name), level, value)):
                whole[row[0]][tuple(row[1:])] += 1
        told = {}
        for reading, made in states.items():
            sent = of.get(reading)
            if sent is not None and 1 in made:
                numbers = whole[made[1].id]
                if not numbers:
                    self.faults.append(f"reading {reading} has no numbers")
                if told.setdefault(sent.model, numbers) != numbers:
                    self.faults.append(f"{sent.name} has other numbers than another study of the same images")
                self.counts["first numbers compared"] += sum(numbers.values())
