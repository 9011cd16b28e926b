"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """Something the user can put right; the message is one line that says what and how."""
