"""When the day cannot go on."""

from meter_emu.shell.errors import FileError


class DayStopped(FileError):
    """A process did not start, or a command failed that cannot fail. One line; the day's files stay if they are kept."""
