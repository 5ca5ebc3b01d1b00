"""The checks of the data passport: what is looked at, and what each amber and red means."""
