"""``ovcf person`` and ``ovcf site``: who may use the registry, and for which site."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say
from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person
    from ovcf.registry.words import Role

app = App(name="person", help="People of the registry: add them, give them a role and a link to set their password.")
Acting = Annotated[str | None, Parameter(name="--as", help="Code of the administrator who acts, if there are several.")]
Address = Annotated[str, Parameter(help="Address of the service, which the link leads to.")]
_LOCAL = "http://127.0.0.1:8321"


@app.command
def add(
    code: str,
    *,
    name: str,
    role: str,
    site: str,
    all_sites: bool = False,
    address: Address = _LOCAL,
    link: Annotated[bool, Parameter(negative="--no-link")] = True,
    as_: Acting = None,
) -> None:
    """Add a person, and print a link with which they set their password. It holds for three days and works once.

    Try

        ovcf person add jdoe --name "Jane Doe" --role reader --site AKH --address https://ovcf.example.org

    Args:
        code: By which they sign in.
        name: Their name.
        role: reader, researcher, coordinator, monitor, admin.
        site: CODE of a site, or CODE=NAME of one that is new.
        all_sites: They see the patients of every site.
        link: Print a link; --no-link for somebody who comes by an OpenID provider only.
    """
    from ovcf.registry.people import accounts

    origin = _origin(address)
    site_code, _, site_name = site.partition("=")
    with _admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
        if site_name:
            there = accounts.add_site(writer, site_code, site_name)
        else:
            there = accounts.site_coded(writer.session, site_code)
        person = accounts.add_person(writer, site=there, code=code, name=name, role=_role(role), all_sites=all_sites)
        secret = accounts.new_link(writer, person) if link else None
    say(f"{code}: added as {role} of {site_code}")
    if secret is not None:
        _say_link(origin, secret)


@app.command(name="list")
def list_() -> None:
    """Everybody: code, role, site, whether they may sign in, and how."""
    from ovcf.registry.people.everybody import everybody

    with _open() as registry, registry.reading() as session:
        for one in everybody(session):
            ways = [*(["password"] if one.password else []), *(["provider"] if one.provider else [])]
            site = "every site" if one.stands.all_sites else one.site.code
            how = ", ".join(ways) or "has not signed in yet"
            told = how if one.stands.active else "disabled"
            say(f"{one.person.code}: {one.stands.role}, {site}, {told} ({one.person.name})")


@app.command
def role(code: str, role: str, *, reason: str, all_sites: bool | None = None, as_: Acting = None) -> None:
    """Give a person another role. They are signed out and sign in again.

    Args:
        code: The person.
        role: reader, researcher, coordinator, monitor, admin.
        reason: Why; it is kept.
        all_sites: They see the patients of every site; --no-all-sites takes it back.
    """
    _change(code, reason, as_, role=_role(role), all_sites=all_sites)
    say(f"{code}: {role} from now on")


@app.command
def disable(code: str, *, reason: str, as_: Acting = None) -> None:
    """Let a person in no longer, and end every session of theirs at once. What they recorded stays.

    Args:
        code: The person.
        reason: Why; it is kept.
    """
    _change(code, reason, as_, active=False)
    say(f"{code}: disabled, and signed out everywhere")


@app.command
def enable(code: str, *, reason: str, as_: Acting = None) -> None:
    """Let a disabled person in again.

    Args:
        code: The person.
        reason: Why; it is kept.
    """
    _change(code, reason, as_, active=True)
    say(f"{code}: may sign in again")


@app.command
def reset(code: str, *, address: Address = _LOCAL, as_: Acting = None) -> None:
    """Print a new link to set the password, and end every session; earlier links are void.

    Args:
        code: The person.
    """
    from ovcf.registry.people import accounts

    origin = _origin(address)
    with _admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
        person = accounts.person_coded(writer.session, code)
        secret = accounts.reset(writer, person)
    _say_link(origin, secret)


def _change(
    code: str,
    reason: str,
    acting: str | None,
    *,
    role: Role | None = None,
    active: bool | None = None,
    all_sites: bool | None = None,
) -> None:
    from ovcf.registry.people import accounts

    with _admin(acting) as (registry, admin), registry.writing(admin.id) as writer:
        person = accounts.person_coded(writer.session, code)
        accounts.change(writer, person, reason, role=role, active=active, all_sites=all_sites)


@contextmanager
def _open() -> Iterator[Registry]:
    from ovcf.cli.registry.opened import open_registry

    registry = open_registry()
    try:
        yield registry
    finally:
        registry.close()


@contextmanager
def _admin(code: str | None) -> Iterator[tuple[Registry, Person]]:
    """The registry, and the administrator who acts: by code, or the only one."""
    from sqlalchemy import select

    from ovcf.registry.access import Act, principal_of, require
    from ovcf.registry.people.accounts import person_coded, standing
    from ovcf.registry.tables import Person
    from ovcf.registry.words import Role

    with _open() as registry:
        with registry.reading() as session:
            if code is None:
                people = [(p, standing(session, p)) for p in session.scalars(select(Person).order_by(Person.code))]
                admins = [p for p, now in people if now.active and now.role is Role.ADMIN]
                if len(admins) != 1:
                    known = ", ".join(p.code for p in admins) or "nobody"
                    raise RegistryError("person", "it is not clear who acts", f"Name one with --as: {known}.")
                (person,) = admins
            else:
                person = person_coded(session, code)
            require(principal_of(session, person), Act.MANAGE_PEOPLE)
        yield registry, person


def _role(text: str) -> Role:
    from ovcf.registry.words import Role

    if text not in list(Role):
        raise RegistryError("role", f"{text!r} is not known", f"Choose: {', '.join(Role)}.")
    return Role(text)


def _origin(address: str) -> str:
    from ovcf.server.people.address import Address as ServiceAddress

    return ServiceAddress.parse(address).origin


def _say_link(origin: str, secret: str) -> None:
    say(f"{origin}/set-password#{secret}")
    say("Give this link to that person only, not by the way that others read. It works once, for three days.")
