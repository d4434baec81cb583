"""Calls to language models: what one may cost, when it may go out, how it is sent, what came back.

Money and limits come first: `clerk` reserves a call in the store before it is sent and settles it
after. `caller` asks one question, with retries of our own. Who asks, and what, is in `players.llm`.
"""
