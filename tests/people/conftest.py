"""A registry of two sites with people of every role, and a small service over it that asks what any service asks."""

from typing import Annotated
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.exceptions import HTTPException

from ovcf.errors import OvcfError
from ovcf.registry.access import Act, Principal, one, principal_of, require, within
from ovcf.registry.people import accounts, sign_in
from ovcf.registry.store import Registry
from ovcf.registry.tables import AuditEntry, Patient, Person, Site
from ovcf.registry.words import Role
from ovcf.server.api.app import Fence
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from ovcf.server.problems import malformed, refused, said
from tests.quicker import cheap_passwords, ready_shapes, ready_tables  # noqa: F401

PASSWORD = "brown goose over Vienna"
ADDRESS = "http://127.0.0.1:8765"
NAME_OF_PATIENT = "Winkelhofer^Theodora"


class Place:
    """The registry with what tests need to name in it."""

    def __init__(self, folder, database=None, site="A"):
        self.registry = Registry.open(folder, database=database, create=True)
        self.admin = self.registry.begin(site, f"Site {site}", "admin", "Ada Min")
        with self.registry.writing(self.admin.id) as writer:
            self.sites = {"A": writer.session.get_one(Site, self.admin.site_id)}
            self.sites["B"] = writer.add(Site(code="B", name="Site B"))
            for role in (r for r in Role if r is not Role.ADMIN):
                for site in "AB":
                    accounts.add_person(
                        writer, site=self.sites[site], code=f"{role}-{site}", name=f"Of {site}", role=role
                    )
            writer.session.flush()
            writer.session.expunge_all()
        self.people = {}
        with self.registry.reading() as session:
            for person in session.scalars(select(Person)):
                self.people[person.code] = person
            session.expunge_all()
        self.patients = {}
        for site in "AB":
            with self.registry.writing(self.people[f"coordinator-{site}"].id) as writer:
                patient = writer.add(Patient(site_id=self.sites[site].id, code=f"P-{site}", sex="female"))
                self.patients[site] = patient.id

    def password(self, code, password=PASSWORD):
        """Give a person a password, as a link does."""
        with self.registry.writing(self.admin.id) as writer:
            link = accounts.new_link(writer, self.people[code])
        accounts.use_link(self.registry, link, password)

    def session(self, code, at=None):
        """The secret of a new session of a person."""
        return sign_in.begin(self.registry, self.people[code], at=at)

    def principal(self, code):
        with self.registry.reading() as session:
            return principal_of(session, self.people[code])


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "data")
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory):
    """One for tests that change nothing in it but sessions."""
    made = Place(tmp_path_factory.mktemp("people") / "data")
    made.password("reader-A")
    yield made
    made.registry.close()


def small_service(place, address=ADDRESS, provider=None):
    """A service of a few routes, each with its act, as `server/api` has them."""
    registry = place.registry
    people = People(registry, Address.parse(address), provider)
    app = FastAPI()
    app.state.people = people
    app.add_middleware(Fence, hosts=(people.address.host,), scheme=people.address.scheme)
    app.exception_handler(OvcfError)(said)
    app.exception_handler(RequestValidationError)(malformed)
    app.exception_handler(HTTPException)(refused)
    app.include_router(people.routes())
    Who = Annotated[Principal, Depends(people.principal)]

    @app.get("/api/v1/patients")
    def patients(who: Who) -> list[str]:
        require(who, Act.READ_CASES)
        with registry.reading() as session:
            return [p.code for p in session.scalars(within(select(Patient), who, Patient).order_by(Patient.code))]

    @app.get("/api/v1/patients/{patient}")
    def patient(who: Who, patient: UUID) -> dict[str, str]:
        require(who, Act.READ_CASES)
        with registry.reading() as session:
            return {"code": one(session, who, Patient, patient).code}

    @app.get("/api/v1/patients/{patient}/identity")
    def identity(who: Who, patient: UUID) -> dict[str, str]:
        require(who, Act.SEE_IDENTITY)
        with registry.reading() as session:
            return {"code": one(session, who, Patient, patient).code, "name": NAME_OF_PATIENT}

    @app.post("/api/v1/patients/{patient}/visits", status_code=201)
    def visit(who: Who, patient: UUID) -> dict[str, str]:
        require(who, Act.WRITE_FACTS)
        with registry.reading() as session:
            return {"code": one(session, who, Patient, patient).code}

    @app.post("/api/v1/patients/{patient}/sign", status_code=201)
    def sign(who: Who, patient: UUID) -> dict[str, str]:
        require(who, Act.SIGN)
        with registry.reading() as session:
            return {"code": one(session, who, Patient, patient).code}

    @app.delete("/api/v1/patients/{patient}", status_code=204)
    def erase(who: Who, patient: UUID) -> None:
        require(who, Act.ERASE)
        with registry.writing(who.person) as writer:
            writer.erase(one(writer.session, who, Patient, patient).id, "asked for")

    @app.get("/api/v1/audit")
    def audit(who: Who) -> int:
        require(who, Act.READ_AUDIT)
        with registry.reading() as session:
            return len(list(session.scalars(within(select(AuditEntry), who, AuditEntry))))

    return app


def browser(app, address=ADDRESS, secret="", client=("10.0.0.7", 40000)):
    """A browser at the service's own page, holding a session if one is given."""
    made = TestClient(app, base_url=address, client=client, headers={"Origin": address}, follow_redirects=False)
    if secret:
        made.cookies.set(app.state.people.address.cookie, secret)
    return made


@pytest.fixture
def service(place):
    return small_service(place)


@pytest.fixture(scope="module")
def shared_service(shared_place):
    return small_service(shared_place)
