"""A registry of simulated patients, made in batches; each batch is there whole, with its audit, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import func, select

from ovcf.errors import RegistryError
from ovcf.exchange.simulated.course import add_patient
from ovcf.exchange.simulated.draw import draw
from ovcf.registry.bulk.write import bulk
from ovcf.registry.people.accounts import change
from ovcf.registry.tables import Patient, Person, Simulation, Site
from ovcf.registry.words import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.exchange.simulated.course import First
    from ovcf.registry.store import Registry

BATCH = 1000
_UNIFORMS = 160
"""Random numbers that one patient may use, and more than any does."""
SITE_CODES = ("SIM-A", "SIM-B", "SIM-C")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many patients, how many visits are planned for each, how many have images, and what decides it all."""

    patients: int
    visits: int = 5
    images: int = 0
    seed: int = 0


def simulate(registry: Registry, plan: Plan, tell: Callable[[str, float], None] = lambda _what, _share: None) -> None:
    """Fill a registry that holds no patients; the same plan gives the same patients.

    Raises:
        RegistryError: it holds patients already, or the plan cannot be.
    """
    if plan.patients < 1 or plan.visits < 1 or not 0 <= plan.images <= plan.patients:
        raise RegistryError(
            "simulation",
            "needs at least one patient and visit, and no more images than patients",
            "Correct the numbers.",
        )
    sites, actor = _sites(registry, plan.seed)
    firsts: list[First] = []
    for start in range(0, plan.patients, BATCH):
        n = min(BATCH, plan.patients - start)
        rng = np.random.default_rng([plan.seed, start])
        who = draw(rng, n)
        uniforms = rng.random((n, _UNIFORMS + 40 * max(0, plan.visits - 5))).tolist()
        with bulk(registry, actor) as many:
            for i in range(n):
                number = start + i
                first = add_patient(
                    many,
                    sites[number % len(sites)],
                    f"SIM-{number + 1:06d}",
                    who,
                    i,
                    iter(uniforms[i]).__next__,
                    plan.visits,
                )
                if number < plan.images:
                    firsts.append(first)
        tell("patients", (start + n) / plan.patients)
    if firsts:
        from ovcf.exchange.simulated.images import add_images

        add_images(registry, actor, firsts, plan.seed, lambda share: tell("images", share))


def _sites(registry: Registry, seed: int) -> tuple[list[UUID], UUID]:
    """The simulated sites, named so and marked so, and who records there."""
    with registry.reading() as session:
        if session.scalar(select(func.count()).select_from(Patient)):
            raise RegistryError(
                "registry",
                "holds patients already, and made-up ones must never be among real ones",
                "Simulate into a data folder or database of its own.",
            )
        person = session.scalars(select(Person).where(Person.role == Role.ADMIN).order_by(Person.code)).first()
    if person is None:
        person = registry.begin("SIM", "Simulated patients: coordination", "simulation", "Simulation")
    ids = [uuid4() for _ in SITE_CODES]
    with registry.writing(person.id) as writer:
        for id_, code in zip(ids, SITE_CODES, strict=True):
            writer.add(Site(id=id_, code=code, name=f"Simulated site {code[-1]}: no real patients"))
            writer.add(Simulation(site_id=id_, seed=seed, software=f"ovcf {version('ovcf')}"))
        change(writer, person, "coordinates the simulated sites", all_sites=True)
    return ids, person.id
