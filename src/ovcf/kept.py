"""Results kept while a reading is edited, so that an edit costs no more than what it changes.

A function marked :func:`kept` must be pure: its result follows from its arguments alone. Within ``keeping(Kept())`` a
result is computed once for equal arguments; outside nothing is kept, and the function is as if it were not marked.
Arrays are told apart by where they lie in memory and everything else by value, so an array must not be changed once it
has been given to such a function.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")

MAX_RESULTS = 5_000
"""Some ten times what one conclusion needs; those not asked for longest go first."""


class Kept:
    """Results of one open reading. Not for use by several threads at once."""

    def __init__(self, most: int = MAX_RESULTS) -> None:
        self._most = most
        # The arguments stay with their result: while they live, nothing else can take their place in memory.
        self._results: OrderedDict[Hashable, tuple[object, object]] = OrderedDict()
        self._asked: set[Hashable] | None = None

    def __len__(self) -> int:
        return len(self._results)

    def result(self, function: Callable[..., T], args: tuple[object, ...], named: Mapping[str, object]) -> T:
        """The result for these arguments, computed where it is not known yet; an error is raised and not kept."""
        key = (function, _key(args), _key(named))
        known = self._results.get(key)
        if self._asked is not None:
            self._asked.add(key)
        if known is None:
            known = (function(*args, **named), (args, named))
            self._results[key] = known
            if len(self._results) > self._most:
                self._results.popitem(last=False)
        else:
            self._results.move_to_end(key)
        return known[0]  # type: ignore[return-value]  # what this function gave for these arguments

    @contextmanager
    def only_what_is_asked(self) -> Iterator[None]:
        """At the end let every result go that was not asked for within: steps on the way to those that were."""
        self._asked = set()
        try:
            yield
            for key in self._results.keys() - self._asked:
                del self._results[key]
        finally:
            self._asked = None


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


def _key(value: object) -> Hashable:
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
    return value
