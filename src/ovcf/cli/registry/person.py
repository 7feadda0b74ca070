"""``ovcf person`` and ``ovcf site``: who may use the registry, and for which site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.registry.acting import Acting, acting_admin, opened
from ovcf.cli.registry.token import app as token_app
from ovcf.cli.streams import say
from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from ovcf.registry.words import Role

app = App(name="person", help="People of the registry: add them, give them a role and a link to set their password.")
Address = Annotated[str, Parameter(help="Address of the service, which the link leads to.")]
CasesTo = Annotated[
    str | None,
    Parameter(help="CODE of who reads the cases that they have not signed; without it they are for whoever comes."),
]
app.command(token_app)
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
    with acting_admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
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

    with opened() as registry, registry.reading() as session:
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
def disable(code: str, *, reason: str, cases_to: CasesTo = None, as_: Acting = None) -> None:
    """Let a person in no longer, and end every session of theirs at once. What they recorded stays.

    Args:
        code: The person.
        reason: Why; it is kept.
    """
    _change(code, reason, as_, active=False, cases_to=cases_to)
    say(f"{code}: disabled, and signed out everywhere")


@app.command
def move(
    code: str,
    *,
    to: str,
    as_code: str,
    reason: str,
    cases_to: CasesTo = None,
    address: Address = _LOCAL,
    as_: Acting = None,
) -> None:
    """Move a person to another site: a new account there, with the same name and rights, and none here any more.

    What they recorded stays under the old account. Who signs in by an OpenID provider does so as before, and comes to
    the new account; the printed link sets a password for it.

    Try

        ovcf person move jdoe --to LKH --as-code jdoe-lkh --reason "new post" --cases-to mm

    Args:
        code: The person.
        to: CODE of the site that they go to.
        as_code: By which they sign in there.
        reason: Why; it is kept.
    """
    from ovcf.registry.people import accounts

    origin = _origin(address)
    with acting_admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
        person, site = accounts.person_coded(writer.session, code), accounts.site_coded(writer.session, to)
        reads = None if cases_to is None else accounts.person_coded(writer.session, cases_to)
        made = accounts.move(writer, person, site=site, code=as_code, reason=reason, cases_to=reads)
        secret = accounts.new_link(writer, made)
    say(f"{code}: now {as_code} at {to}; {code} is disabled")
    _say_link(origin, secret)


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
    with acting_admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
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
    cases_to: str | None = None,
) -> None:
    from ovcf.registry.people import accounts

    with acting_admin(acting) as (registry, admin), registry.writing(admin.id) as writer:
        person = accounts.person_coded(writer.session, code)
        to = None if cases_to is None else accounts.person_coded(writer.session, cases_to)
        accounts.change(writer, person, reason, role=role, active=active, all_sites=all_sites, cases_to=to)


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
