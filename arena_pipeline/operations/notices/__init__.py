"""Notices: a webhook is told of failed runs, refused catalogs, failed checks and exhausted budgets.

What is to be told is written down first and delivered afterwards by whoever comes by, so that no
work waits for the receiver and nothing is lost when a process dies.

- `outbox` is the table: what waits, what was sent, what was given up;
- `collecting` finds what is to be told, each thing once;
- `checks` says when a check turned bad;
- `posting` is one HTTP request; `delivering` works off the outbox.
"""
