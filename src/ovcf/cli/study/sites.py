"""``ovcf study key | trust | bundle | merge``: sites without a shared server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say
from ovcf.cli.study.opened import Acting, Which, opened

if TYPE_CHECKING:
    from cyclopts import App


def key(out: Path, *, as_: Acting = None) -> None:
    """Make the key that signs this site's bundles. Send the .pub file to the others; keep the other one here.

    Args:
        out: The file of the private key, such as site.key; OUT.pub is written beside it.
    """
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.registry.tables import Site
    from ovcf.study.sites.keys import make_key

    with opened(as_, Act.MANAGE_STUDY) as here, here.registry.reading() as session:
        site = session.get(Site, here.person.site_id)
        assert site is not None
        code = site.code
    public = make_key(out, code)
    say(f"{out}: keep it at {code}, and nowhere else")
    say(write_file(out.with_name(out.name + ".pub"), f"{public}\n".encode(), replace=True))


def trust(public: Path, *, as_: Acting = None) -> None:
    """Take the bundles of a site by its public key. Make sure by telephone that the key is theirs.

    Args:
        public: The .pub file of the site.
    """
    from ovcf.registry.access import Act
    from ovcf.study.sites.keys import read_public
    from ovcf.study.sites.keys import trust as take

    known = read_public(public)
    with opened(as_, Act.MANAGE_STUDY) as here, here.registry.writing(here.person.id) as writer:
        take(writer, known)
    say(f"{known.site}: its bundles are taken if they are signed with {known.hex[:8]} … {known.hex[-8:]}")


def bundle(out: Path, *, key: Path, site: str | None = None, study: Which = None, as_: Acting = None) -> None:
    """Write the patients of a site, with everything of the study, into one signed file.

    Args:
        out: The file; one that is there is never replaced.
        key: The private key of this site.
        site: Code of the site whose patients are sent; your own if left out.
    """
    from sqlalchemy import select

    from ovcf.errors import StudyError
    from ovcf.files.result_file import write_file
    from ovcf.registry.access import Act
    from ovcf.registry.tables import Site
    from ovcf.study.conduct.studies import study_named
    from ovcf.study.sites.keys import read_key
    from ovcf.study.sites.site_bundle import make_bundle

    private = read_key(key)
    with opened(as_, Act.MANAGE_STUDY) as here, here.registry.reading() as session:
        own = session.get(Site, here.person.site_id)
        sent = own if site is None else session.scalars(select(Site).where(Site.code == site)).first()
        if own is None or sent is None:
            raise StudyError(f"site {site}", "is not in this registry", "Check its code.")
        content = make_bundle(session, here.registry, study_named(session, study), sent, own, private)
    write_file(out, content)
    say(f"{out}: {len(content) / 1e6:.1f} MB")


def merge(bundle: Path, *, study: Which = None, as_: Acting = None) -> None:
    """Add what a signed bundle brings. What contradicts is listed and left out; merging twice adds nothing.

    Args:
        bundle: The file that the site sent.
    """
    from ovcf.errors import StudyError
    from ovcf.registry.access import Act
    from ovcf.study.sites.merge import merge as add
    from ovcf.study.sites.site_bundle import read_bundle

    try:
        content = bundle.read_bytes()
    except OSError as error:
        raise StudyError(bundle, f"cannot be read ({error.strerror})", "Check the path.") from None
    with opened(as_, Act.MANAGE_STUDY) as here, here.writing(study) as (writer, _):
        found = add(writer, here.registry, read_bundle(writer.session, content, str(bundle)))
    say(f"{found.site}: {found.patients} patients; {found.added} rows added, {found.there} were here already")
    for conflict in found.conflicts:
        say(f"Not merged: {conflict}", error=True)
    if found.conflicts:
        raise SystemExit(1)


def add_to(app: App) -> None:
    """Make them commands of ``ovcf study``."""
    for command in (key, trust, bundle, merge):
        app.command(command, name=command.__name__)
