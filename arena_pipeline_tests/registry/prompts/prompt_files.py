"""Prompt files for tests."""

from pathlib import Path

KNOWN = {"snake": frozenset({"position", "memory"}), "hexes": frozenset({"position"})}

WORDS = "Play well.\n\n{position}"


def content(name: str = "plain", text: str = WORDS, *lines: str, game: str = "snake") -> str:
    """What a prompt file says."""
    return "\n".join(["---", f"name: {name}", f"game: {game}", *lines, "---", text, ""])


def put(folder: Path, file: str, said: str) -> Path:
    """A file in a folder that is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_text(said, encoding="utf-8")
    return path
