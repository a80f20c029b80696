"""What can be wrong outside the input itself, each a line that says what to do."""


class AddressError(Exception):
    """An address cannot be listened on."""


class FileError(Exception):
    """A file cannot be used as it is."""


class BusyError(FileError):
    """Others keep it busy. Nothing was done, and the next try may succeed."""
