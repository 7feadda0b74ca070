"""Whoever changes, adds, removes or rewrites anything behind the registry's back is found out."""

import pytest
from sqlalchemy import select, text

from ovcf.registry.audit import Anchor, link
from ovcf.registry.tables import AuditEntry, Base, Patient
from tests.registry.conftest import admit


def behind(registry, *statements):
    """Run statements as somebody would who owns the database and takes the guards away first."""
    with registry.engine.begin() as connection:
        if registry.engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'")).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)


def test_an_untouched_registry_has_no_faults(registry):
    for number in range(5):
        admit(registry, f"P{number}")
    anchor = registry.head()
    admit(registry, "P9")
    assert registry.faults(anchor) == []
    assert registry.faults(Anchor.parse(str(registry.head()))) == []


def test_a_changed_value_is_found(registry):
    admit(registry, "P1")
    behind(registry, "UPDATE patient_report SET value = 2")
    (fault,) = registry.faults()
    assert fault.startswith("patient_report")
    assert "changed" in fault


def test_a_row_that_is_gone_is_found(registry):
    admit(registry, "P1")
    behind(registry, "DELETE FROM patient_report")
    (fault,) = registry.faults()
    assert "gone" in fault


def test_a_row_put_in_is_found(registry):
    admit(registry, "P1")
    with registry.reading() as session:
        first = session.scalars(select(Patient)).one()
        row = {c.key: getattr(first, c.key) for c in Patient.__table__.columns}
    behind(registry, Base.metadata.tables["patient"].insert().values(**row | {"id": registry.admin.id, "code": "P2"}))
    (fault,) = registry.faults()
    assert "past the audit" in fault


def test_a_changed_entry_is_found(registry):
    admit(registry, "P1")
    behind(registry, "UPDATE audit SET actor = (SELECT patient_id FROM visit) WHERE seq = 3")
    assert any("entry 3 was changed" in fault for fault in registry.faults())


def test_a_missing_entry_is_found(registry):
    admit(registry, "P1")
    behind(registry, "DELETE FROM audit WHERE seq = 4")
    assert any("entries 4 to 4 are missing" in fault for fault in registry.faults())


def test_a_cut_tail_is_found_by_its_anchor(registry):
    admit(registry, "P1")
    before = registry.head()
    admit(registry, "P2")
    anchor = registry.head()
    tables = ("patient_report", "visit", "episode", "patient_key")
    behind(
        registry,
        *(f"DELETE FROM {t} WHERE patient_id IN (SELECT id FROM patient WHERE code = 'P2')" for t in tables),
        "DELETE FROM patient WHERE code = 'P2'",
        f"DELETE FROM audit WHERE seq > {before.seq}",
    )
    assert registry.faults() == []  # the database alone cannot know
    (fault,) = registry.faults(anchor)
    assert "tail was cut" in fault


def test_a_chain_written_anew_is_found_by_its_anchor(registry):
    admit(registry, "P1")
    anchor = registry.head()
    with registry.reading() as session:
        entries = list(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
    chain, changes = "0" * 64, []
    for entry in entries:
        entry.actor = registry.admin.site_id
        chain = entry.chain = link(chain, entry)
        changes.append(
            Base.metadata.tables["audit"]
            .update()
            .where(AuditEntry.seq == entry.seq)
            .values(actor=entry.actor, chain=chain)
        )
    behind(registry, *changes)
    assert registry.faults() == []
    (fault,) = registry.faults(anchor)
    assert "written anew" in fault


def test_an_erased_patient_leaves_the_chain_whole_and_nothing_else(registry):
    kept, _, _ = admit(registry, "P1")
    gone, _, _ = admit(registry, "P2")
    anchor = registry.head()
    with registry.writing(registry.admin.id) as writer:
        writer.erase(gone, "asked for by letter")
    assert registry.faults(anchor) == []
    with registry.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table)).mappings().all()
            if table.name not in ("audit", "erasure") and "patient_id" in table.c:
                assert {row["patient_id"] for row in rows} <= {kept}, table.name
        assert connection.execute(select(Base.metadata.tables["patient"].c.code)).scalars().all() == ["P1"]


@pytest.mark.parametrize("text_", ["", "5", "5:abc", "x:" + "0" * 64, "5:" + "g" * 64])
def test_an_anchor_that_is_none_is_refused(text_):
    with pytest.raises(ValueError):  # noqa: PT011  # whatever int() or bytes say of it
        Anchor.parse(text_)
