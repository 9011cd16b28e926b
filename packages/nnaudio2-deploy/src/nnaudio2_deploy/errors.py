"""The errors that are the user's to mend."""


class UserError(Exception):
    """Something the user can put right; the message is one line that says what and how."""


class ArtifactError(UserError):
    """A file that is no sound artifact, or a module that cannot become one; the message says why."""
