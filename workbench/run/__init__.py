"""The three lives of a notebook: its declared parameters, its report, its app."""


class WrongUsage(ValueError):  # noqa: N818 - reads as the fact it states
    """What was asked for cannot be done as asked; the text says what can."""
