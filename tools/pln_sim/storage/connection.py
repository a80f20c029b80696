"""What the statements of a storage are put to, whichever database it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Result(Protocol):
    """What a statement yields."""

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """What statements are put to, inside a transaction."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Result: ...
    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object: ...


class SqlPart(ABC):
    """A part of a storage, whose statements are in a module of their own."""

    _connection: Connection

    @abstractmethod
    def put(self) -> None:
        """Write what was gathered, as must be done before a table it goes to is read."""
