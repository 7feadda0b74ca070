"""Results kept while a reading is edited, so that an edit costs no more than what it changes.

A function marked :func:`kept` must be pure: its result follows from its arguments alone. Within ``keeping(Kept())`` a
result is computed once for equal arguments; outside nothing is kept, and the function is as if it were not marked.
Arrays are told apart by where they lie in memory and everything else by value, so an array must not be changed once it
has been given to such a function.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

P = ParamSpec("P")
T = TypeVar("T")

MAX_RESULTS = 5_000
"""Some ten times what one conclusion needs; those not asked for longest go first."""
SMALL_RESULTS, SMALL_BYTES = 1_500, 4_096
"""So many results stay where memory is short, if the arrays of each take no more than that."""
LARGE_BYTES = 2**19
"""What the system is asked for by itself and given back to it at once, where a service says so (``mallopt``)."""
_PAGE_BYTES = 4096


class _Key:
    """What was asked, with its hash: to find that takes longer than all else, and nothing of it changes."""

    __slots__ = ("_asked", "_hash")

    def __init__(self, *asked: Hashable) -> None:
        self._asked, self._hash = asked, hash(asked)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._asked == other._asked


@dataclass(slots=True)
class _Result:
    """One result. The arguments stay with it: while they live, nothing else can take their place in memory."""

    value: object
    args: tuple[object, ...]
    asked: int = 0
    """When it was asked for last, in questions."""
    lasts: int = 0
    """The number of the last conclusion that asked for it itself, not on the way to something else."""
    bytes: dict[int, int] | None = None
    """What each array within it takes, by its identity, once that was looked at: it does not change any more."""


class Kept:
    """Results of one open reading. Not for use by several threads at once."""

    def __init__(self, most: int = MAX_RESULTS) -> None:
        self._most = most
        self._results: dict[_Key, _Result] = {}
        self._deep = self._conclusion = self._asked = 0
        self._lasting = False

    def __len__(self) -> int:
        return len(self._results)

    def result(self, function: Callable[..., T], args: tuple[object, ...], named: Mapping[str, object]) -> T:
        """The result for these arguments, computed where it is not known yet; an error is raised and not kept."""
        key = _Key(function, _key(args), _key(named))
        known = self._results.get(key)
        if known is None:
            self._deep += 1
            try:
                known = _Result(function(*args, **named), (args, named))
            finally:
                self._deep -= 1
            self._results[key] = known
            if len(self._results) > self._most:
                for old, _ in self._in_order()[: max(1, self._most // 8)]:  # many at once: to order them takes long
                    del self._results[old]
        self._asked += 1
        known.asked = self._asked
        if self._lasting and not self._deep:
            known.lasts = self._conclusion
        return known.value  # type: ignore[return-value]  # what this function gave for these arguments

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """Within, what is asked for is what :meth:`trim` leaves, in place of what it would have left before."""
        self._conclusion += 1
        self._lasting = True
        try:
            yield
        finally:
            self._lasting = False

    def trim(self) -> None:
        """Let go what takes memory and was only a step on the way to the last conclusion, or was asked for besides.

        An edit that needs such a step again takes longer once.
        """
        self._look()
        held = {array for r in self._results.values() if r.lasts == self._conclusion for array in r.bytes or ()}
        few = len(self._results) - SMALL_RESULTS
        for number, (key, r) in enumerate(self._in_order()):
            if r.lasts != self._conclusion:
                more = sum(taken for array, taken in (r.bytes or {}).items() if array not in held)
                if number < few or more > SMALL_BYTES:
                    del self._results[key]

    @property
    def nbytes(self) -> int:
        """What the arrays take that are kept here, those among the arguments included."""
        return sum(self._look().values())

    def _in_order(self) -> list[tuple[_Key, _Result]]:
        """Those asked for longest ago first."""
        return sorted(self._results.items(), key=lambda item: item[1].asked)

    def _look(self) -> dict[int, int]:
        """What each array takes, by its identity; only results that are new are looked into."""
        found: dict[int, int] = {}
        new = []
        for r in self._results.values():
            if r.bytes is None:
                new.append(r)
            else:
                found |= r.bytes
        for r in new:
            there = {id(array): array for array in _arrays((r.value, r.args))}
            r.bytes = {name: found[name] if name in found else _taken(array) for name, array in there.items()}
            found |= r.bytes
        return found


def nbytes_of(things: Iterable[object]) -> int:
    """What the arrays within these things take, each counted once."""
    return sum({id(a): _taken(a) for thing in things for a in _arrays(thing)}.values())


def _taken(array: NDArray[np.generic]) -> int:
    """The bytes of an array. Of a large mask that began as zeros only the pages count on which something is set: the
    system gives memory for no others."""
    if array.dtype != np.bool_ or array.nbytes < LARGE_BYTES or not array.flags.c_contiguous:
        return array.nbytes
    flat = array.reshape(-1).view(np.uint64) if array.nbytes % 8 == 0 else array.reshape(-1)
    page = _PAGE_BYTES // flat.itemsize
    whole = len(flat) // page * page
    return _PAGE_BYTES * (int(np.count_nonzero(flat[:whole].reshape(-1, page).max(axis=1))) + 1)


def _arrays(value: object) -> Iterator[NDArray[np.generic]]:
    """The arrays that hold the numbers of a thing. Of records only those are looked into that are told apart by where
    they lie, as arrays are; the others hold few numbers or none."""
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _arrays(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _arrays(one)
    elif type(value).__hash__ is object.__hash__ and is_dataclass(value):
        for f in fields(value):
            yield from _arrays(getattr(value, f.name))


_open: ContextVar[Kept | None] = ContextVar("kept results", default=None)


@contextmanager
def keeping(results: Kept | None) -> Iterator[None]:
    """Within, marked functions look their results up in ``results``; None keeps nothing."""
    token = _open.set(results)
    try:
        yield
    finally:
        _open.reset(token)


def kept(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a pure function whose result may be kept."""

    @wraps(function)
    def looked_up(*args: P.args, **named: P.kwargs) -> T:
        results = _open.get()
        return function(*args, **named) if results is None else results.result(function, args, named)

    return looked_up


_PLAIN = frozenset({str, float, type(None)})
_WHOLE = frozenset({int, bool})  # 1, 1.0 and True are equal, and need not be to a function
_AS_THEY_ARE: set[type] = set()
"""Kinds of records, words and names that were met: to find out what they are takes longer than all else."""


def _key(value: object) -> Hashable:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _AS_THEY_ARE:
        return value  # its kind was found to be one that can be told apart
    if kind in _WHOLE:
        return kind, value
    if kind is tuple or kind is list:
        return (kind, *map(_key, value))  # type: ignore[call-overload]  # one of the two
    if isinstance(value, np.ndarray):  # two views of the same voxels are the same argument
        return value.__array_interface__["data"][0], value.shape, value.strides, value.dtype.str
    if isinstance(value, Mapping):
        return tuple((_key(k), _key(v)) for k, v in value.items())
    if isinstance(value, tuple | list):
        return (type(value), *map(_key, value))
    if isinstance(value, set | frozenset):
        return frozenset(map(_key, value))
    if isinstance(value, slice):
        return slice, value.start, value.stop, value.step
    assert isinstance(value, Hashable), f"{type(value).__name__} cannot be told from others of its kind"
    if not isinstance(value, int | float):  # of which some are equal to others
        _AS_THEY_ARE.add(kind)
    return value
