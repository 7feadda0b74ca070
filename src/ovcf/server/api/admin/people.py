"""People and sites: who is here, who is added, what they may do, and the ways in. As ``ovcf person`` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import func, select

from ovcf.errors import NotThereError, RegistryError
from ovcf.registry.access import Act, require
from ovcf.registry.columns import now
from ovcf.registry.people import accounts
from ovcf.registry.people.everybody import Account, everybody, history
from ovcf.registry.people.passwords import MIN_CHARACTERS
from ovcf.registry.people.sign_in import MAX_IDLE, MAX_SESSION
from ovcf.registry.tables import Patient, Person, Simulation, Site
from ovcf.server.api.admin.shapes import (
    Added,
    GivenLink,
    Move,
    NewPerson,
    NewSite,
    PersonChange,
    PersonShape,
    ProviderShape,
    SaidShape,
    SignInShape,
    SiteShape,
)
from ovcf.server.api.here import Here, Service, Who

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.server.people.oidc_settings import ProviderSettings

router = APIRouter(tags=["administration"], prefix="/admin")


@router.get("/people")
def list_(here: Here, who: Who) -> list[PersonShape]:
    """Everybody who has an account, by code."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.reading() as session:
        return [_shape(one) for one in everybody(session)]


@router.post("/people", status_code=201)
def add(here: Here, who: Who, asked: NewPerson) -> Added:
    """Add somebody. The link sets their password once, within three days; it is told only in this answer."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.writing(who.person) as writer:
        site = accounts.site_coded(writer.session, asked.site)
        person = accounts.add_person(
            writer, site=site, code=asked.code, name=asked.name, role=asked.role, all_sites=asked.all_sites
        )
        link = _link(here, accounts.new_link(writer, person)) if asked.link else None
        return Added(person=person.id, link=link)


@router.get("/people/{person}/history")
def told(here: Here, who: Who, person: UUID) -> list[SaidShape]:
    """What was said of somebody since they were added: roles, reasons, who said so."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.reading() as session:
        return [
            SaidShape(
                at=said.at,
                by=said.by,
                role=said.stands.role,
                active=said.stands.active,
                all_sites=said.stands.all_sites,
                reason=said.reason,
            )
            for said in history(session, _one(session, person))
        ]


@router.patch("/people/{person}")
def change(here: Here, who: Who, person: UUID, asked: PersonChange) -> PersonShape:
    """Give somebody another role, all sites or none but their own, or disable and enable them. They are signed out.
    Cases that somebody who is disabled has not signed are handed over."""
    require(who, Act.MANAGE_PEOPLE)
    if asked.role is None and asked.active is None and asked.all_sites is None:
        raise RegistryError("change", "says nothing", "Give a role, active or all_sites.")
    if asked.cases_to is not None and asked.active is not False:
        raise RegistryError("cases_to", "is for somebody who is disabled", "Give active: false, too, or leave it out.")
    with here.registry.writing(who.person) as writer:
        accounts.change(
            writer,
            _one(writer.session, person),
            asked.reason,
            role=asked.role,
            active=asked.active,
            all_sites=asked.all_sites,
            cases_to=None if asked.cases_to is None else accounts.person_coded(writer.session, asked.cases_to),
        )
    return _seen(here, person)


@router.post("/people/{person}/link")
def link(here: Here, who: Who, person: UUID) -> GivenLink:
    """A new link to set the password. Every session ends and earlier links are void; the link is told only now."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.writing(who.person) as writer:
        return _link(here, accounts.reset(writer, _one(writer.session, person)))


@router.post("/people/{person}/sign-out")
def sign_out(here: Here, who: Who, person: UUID) -> PersonShape:
    """End every session of somebody; their password still lets them in."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.writing(who.person) as writer:
        accounts.end_sessions(writer, _one(writer.session, person))
    return _seen(here, person)


@router.post("/people/{person}/move", status_code=201)
def move(here: Here, who: Who, person: UUID, asked: Move) -> Added:
    """Move somebody to another site: a new account there with its link, and the old one disabled, in one step. What
    they recorded stays under the old account; cases that they have not signed are handed over; the identity at an
    OpenID provider lets them into the new one."""
    require(who, Act.MANAGE_PEOPLE)
    if person == who.person:
        raise RegistryError("move", "is of yourself, and would sign you out", "Let another administrator do it.")
    with here.registry.writing(who.person) as writer:
        site = accounts.site_coded(writer.session, asked.site)
        old, to = _one(writer.session, person), None
        if asked.cases_to is not None:
            to = accounts.person_coded(writer.session, asked.cases_to)
        made = accounts.move(writer, old, site=site, code=asked.code, reason=asked.reason, cases_to=to)
        return Added(person=made.id, link=_link(here, accounts.new_link(writer, made)))


@router.get("/sites")
def sites(here: Here, who: Who) -> list[SiteShape]:
    """Every site, with how many people and patients it has."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.reading() as session:
        people = _by_site(session, Person.site_id)
        patients = _by_site(session, Patient.site_id)
        simulated = set(session.scalars(select(Simulation.site_id)))
        return [
            SiteShape(
                code=site.code,
                name=site.name,
                people=people.get(site.id, 0),
                patients=patients.get(site.id, 0),
                simulated=site.id in simulated,
            )
            for site in session.scalars(select(Site).order_by(Site.code))
        ]


@router.post("/sites", status_code=201)
def add_site(here: Here, who: Who, asked: NewSite) -> SiteShape:
    """Add a site."""
    require(who, Act.MANAGE_PEOPLE)
    with here.registry.writing(who.person) as writer:
        made = accounts.add_site(writer, asked.code, asked.name)
        return SiteShape(code=made.code, name=made.name, people=0, patients=0, simulated=False)


@router.get("/sign-in")
def ways(here: Here, who: Who) -> SignInShape:
    """How people sign in, as the service was started; never a secret."""
    require(who, Act.MANAGE_PEOPLE)
    address, attempts, locked, provider = "", 0, 0, None
    if here.people.accounts:
        from ovcf.server.people.limits import ATTEMPTS_OF_ONE
        from ovcf.server.people.signing_in import SignIn

        assert isinstance(here.people, SignIn)
        address = here.people.address.origin
        attempts, locked = ATTEMPTS_OF_ONE.amount, ATTEMPTS_OF_ONE.get_expiry() // 60
        provider = None if here.people.provider is None else _provider(here.people.provider.settings)
    return SignInShape(
        accounts=here.people.accounts,
        address=address,
        secure=here.scheme == "https",
        idle_minutes=int(MAX_IDLE.total_seconds() // 60),
        session_hours=int(MAX_SESSION.total_seconds() // 3600),
        link_days=accounts.LINK_HOLDS.days,
        password_characters=MIN_CHARACTERS,
        attempts=attempts,
        locked_minutes=locked,
        provider=provider,
    )


def _provider(settings: ProviderSettings) -> ProviderShape:
    new = settings.newcomers
    return ProviderShape(
        name=settings.name,
        issuer=settings.issuer,
        client_id=settings.client_id,
        person=settings.person,
        scopes=settings.scopes,
        newcomers_site=None if new is None else new.site,
        newcomers_role=None if new is None else new.role,
        needed=None if settings.needed is None else " = ".join(settings.needed),
    )


def _link(here: Service, secret: str) -> GivenLink:
    origin = ""
    if here.people.accounts:
        from ovcf.server.people.signing_in import SignIn

        assert isinstance(here.people, SignIn)
        origin = here.people.address.origin
    return GivenLink(address=f"{origin}/set-password#{secret}", until=now() + accounts.LINK_HOLDS)


def _by_site(session: Session, column: Any) -> dict[UUID, int]:
    """How many rows each site has."""
    found = session.execute(select(column, func.count()).group_by(column))
    return {site: int(number) for site, number in found}


def _one(session: Session, id_: UUID) -> Person:
    found = session.get(Person, id_)
    if found is None:
        raise NotThereError("person", "is not there", "Look at the list again.")
    return found


def _seen(here: Service, id_: UUID) -> PersonShape:
    with here.registry.reading() as session:
        return next(_shape(one) for one in everybody(session) if one.person.id == id_)


def _shape(one: Account) -> PersonShape:
    return PersonShape(
        id=one.person.id,
        code=one.person.code,
        name=one.person.name,
        site=one.site.code,
        role=one.stands.role,
        all_sites=one.stands.all_sites,
        active=one.stands.active,
        ways=[*(["password"] if one.password else []), *(["provider"] if one.provider else [])],
        link_until=one.link_until,
        sessions=one.sessions,
        seen_at=one.seen_at,
        since=one.person.created_at,
        unread=one.unread,
        unread_blinded=one.unread_blinded,
        now=one.now,
    )
