"""What can be wrong with a message of the protocol: one family, whose two members say whose fault it is.

Refusals are no errors: a meter that answers with an error text has answered.

>>> try:
...     raise RemoteProtocolError("the block check character is wrong", field="bcc", position=12)
... except ProtocolError as error:
...     print(error.field, error.position, error)
bcc 12 the block check character is wrong
"""

import errno
import os


class ProtocolError(ValueError):
    """Any message that cannot be taken or made, or comes at the wrong moment. Never raised itself."""

    def __init__(self, message: str, *, field: str | None = None, position: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.position = position


class LocalProtocolError(ProtocolError):
    """Our own doing: values that make no message, or a call that does not fit the state."""


class RemoteProtocolError(ProtocolError):
    """The peer's doing: bytes that are no message of the standard, or no answer at all."""


_PLAINER = {errno.ENOTTY: "it is no serial port", errno.EWOULDBLOCK: "another program has it open"}


def reason_of(error: BaseException) -> str:
    """Why the system would not, in its own words without what libraries put around them.

    >>> reason_of(OSError(errno.ENOENT, "No such file or directory", "/dev/ttyUSB9"))
    'No such file or directory'
    """
    for cause in (error, error.__cause__, error.__context__):
        number = next(iter(getattr(cause, "args", ())), None)
        if number in _PLAINER:
            return _PLAINER[number]
        if isinstance(number, int) and number in errno.errorcode:
            return os.strerror(number)
    return getattr(error, "strerror", None) or str(error)
