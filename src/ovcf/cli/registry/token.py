"""``ovcf person token``: programs that may ask the registry for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.registry.acting import Acting, acting_admin, opened
from ovcf.cli.streams import say
from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.registry.people.tokens import Told
    from ovcf.registry.tables import Person
    from ovcf.registry.words import TokenScope

app = App(name="token", help="Access tokens: 3D Slicer, a script or a viewer asks the registry for a person.")
_Whose = Annotated[str | None, Parameter(help="Code of the person it acts for; left out where there is only one.")]
_SIGNS = 8
"""So many characters of an id tell tokens apart."""


@app.command
def add(name: str, *, scope: str = "images", days: int = 90, person: _Whose = None, as_: Acting = None) -> None:
    """Make a token and print it, once. A program sends it as `Authorization: Bearer TOKEN`.

    It sees the patients of the person's site, may do no more than the person, and never signs or sees a name.

    Try

        ovcf person token add "3D Slicer" --scope images --days 30 --person jdoe

    Args:
        name: What uses it.
        scope: images (DICOMweb only), read, or write (facts and edits of drafts too).
        days: How long it holds, 1 to 366.
    """
    from ovcf.registry.people import tokens
    from ovcf.registry.people.accounts import standing

    wanted = _scope(scope)
    with acting_admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
        whose = _person(writer.session, person, admin)
        if not standing(writer.session, whose).active:
            raise RegistryError(f"person {whose.code}", "is disabled", "Enable them first.")
        token, text = tokens.make(writer, whose, name=name, scope=wanted, days=days)
        code, until = whose.code, token.expires_at
    say(text)
    say(f"For {code}, scope {wanted}, until {until:%Y-%m-%d}. Keep it like a password: it is not shown again.")


@app.command(name="list")
def list_(code: str | None = None) -> None:
    """Who may let a program ask: name, scope, until when, when it was last used.

    Args:
        code: Only those of this person.
    """
    from ovcf.registry.people import tokens
    from ovcf.registry.people.accounts import person_coded

    with opened() as registry, registry.reading() as session:
        whose = None if code is None else person_coded(session, code)
        found = tokens.of_person(session, whose)
    for told in found:
        used = "not used yet" if told.seen_at is None else f"last used {told.seen_at:%Y-%m-%d %H:%M} UTC"
        holds = f"ended: {told.ended}" if told.ended else f"until {told.expires_at:%Y-%m-%d}"
        say(f"{str(told.id)[:_SIGNS]}  {told.person}: {told.name}, {told.scope}, {holds}, {used}")
    if not found:
        say("There are none.")


@app.command
def revoke(token: str, *, reason: str, as_: Acting = None) -> None:
    """End a token at once, for good.

    Args:
        token: Its id, or the beginning of it, as `ovcf person token list` shows it.
        reason: Why; it is kept.
    """
    from ovcf.registry.people import tokens

    with acting_admin(as_) as (registry, admin), registry.writing(admin.id) as writer:
        told = _one(tokens.of_person(writer.session), token)
        tokens.revoke(writer, told.id, reason)
    say(f"{told.person}: {told.name} lets no program in any more")


def _one(found: Sequence[Told], beginning: str) -> Told:
    fit = [told for told in found if beginning and str(told.id).startswith(beginning.lower())]
    if len(fit) != 1:
        problem = "is the beginning of several" if fit else "is not there"
        raise RegistryError(f"access token {beginning}", problem, "See `ovcf person token list`.")
    return fit[0]


def _person(session: object, code: str | None, admin: Person) -> Person:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from ovcf.registry.people.accounts import person_coded
    from ovcf.registry.tables import Person

    assert isinstance(session, Session)
    if code is not None:
        return person_coded(session, code)
    if len(session.scalars(select(Person.id).limit(2)).all()) > 1:
        raise RegistryError("person", "it is not clear for whom", "Name one with --person.")
    return session.get_one(Person, admin.id)


def _scope(text: str) -> TokenScope:
    from ovcf.registry.words import TokenScope

    if text not in list(TokenScope):
        raise RegistryError("scope", f"{text!r} is not known", f"Choose: {', '.join(TokenScope)}.")
    return TokenScope(text)
