"""What the tables share: types that mean the same in SQLite and PostgreSQL, and rows that are never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, Date, DateTime, Dialect, ForeignKey, MetaData, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. A naive one is refused: nobody could tell which moment it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment with its zone, whatever the database kept."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """One of a closed list, kept as its text."""

    impl = String(64)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Its text; a word that is not in the list is refused."""
        return None if value is None else self.words(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """The word, by a look into a table: lists of a whole registry read millions."""
        return _Known(self.words).__getitem__


class _Known(dict[Any, Any]):
    """The words of a closed list, by their text."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__([(None, None), *((word.value, word) for word in words)])
        self._words = words

    def __missing__(self, text: str) -> StrEnum:
        return self._words(text)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        date: Date(),
        UUID: Uuid(),
        str: String(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Kept(Base):
    """A row that is written once: who recorded it and when. Rows of a patient go only when the patient is erased."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    @declared_attr
    def recorded_by(cls) -> Mapped[UUID]:  # noqa: N805
        """The person who recorded it."""
        return mapped_column(ForeignKey("person.id"))


class OfPatient(Kept):
    """A row about one patient."""

    __abstract__ = True

    @declared_attr
    def patient_id(cls) -> Mapped[UUID]:  # noqa: N805
        """Whose it is."""
        return mapped_column(ForeignKey("patient.id"), index=True)


class Versioned(OfPatient):
    """A fact that may be corrected: the correction is a row of its own that replaces the other, with its reason.

    ``entity_id`` is the id of the first row of the fact; others refer to it by that. A row is replaced at most once, so
    that of two corrections made at the same time one is refused. A ``retracted`` row takes the fact back.
    """

    __abstract__ = True

    @declared_attr
    def entity_id(cls) -> Mapped[UUID]:  # noqa: N805
        """The id of the first row of this fact."""
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id"), index=True)

    @declared_attr
    def replaces_id(cls) -> Mapped[UUID | None]:  # noqa: N805
        """The row that this one corrects."""
        return mapped_column(ForeignKey(f"{cls.__tablename__}.id"), unique=True)

    reason: Mapped[str | None]
    retracted: Mapped[bool] = mapped_column(default=False)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", uuid4())
        values.setdefault("entity_id", values["id"])
        super().__init__(**values)
