"""What ends an audit: one line that says what to do."""


class AuditStopped(Exception):
    """There is no report: pieces were lost with those who worked on them, or the file is not the one it was."""
