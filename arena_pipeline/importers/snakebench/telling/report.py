"""What an import found and did: every document and every participant accounted for."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from arena_pipeline.errors import ArenaError
from arena_pipeline.importers.snakebench.naming.names import Rule
from arena_pipeline.importers.snakebench.naming.people import NamesReport

PUBLISHED, UNKNOWN = "published", "unknown"
"""In place of a layout: statistics, and what was rejected before its layout was known."""


SAME_BYTES = "same bytes"
"""In place of the better version's layout, where a document came twice."""


class Fate(StrEnum):
    """What can become of a document."""

    IMPORTED = "imported"
    ALREADY_PRESENT = "already_present"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class NotAccountedFor(ArenaError):
    """An import lost sight of a document or a participant: a mistake of this program."""


class ImportReportLost(ArenaError):
    """The report of the last import is damaged; the matches are not concerned."""


@dataclass(slots=True)
class Counts:
    """Documents or participants found, and what became of them: `found` is the sum of the rest."""

    found: int = 0
    imported: int = 0
    already_present: int = 0
    superseded: int = 0
    rejected: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing and nothing counted twice."""
        known = self.imported + self.already_present + self.superseded + self.rejected
        return self.found == known


@dataclass(frozen=True, slots=True)
class Rejected:
    """A document that gave no match, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A document whose game is known better from another one, `by`, or in `same_bytes` as there;
    with the layouts of both.
    """

    path: str
    by: str
    layout: str
    by_layout: str
    same_bytes: bool = False


@dataclass(frozen=True, slots=True)
class Unverified:
    """An imported match whose moves do not quite fit the rules, and in which way."""

    uuid: str
    verification: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The account of one import; counts are by layout, `seconds` by the wall clock.

    `people` says whose the names are, also those of earlier imports; `flags` count participants of
    imported matches, by flag and by the kind of fault they had in any turn; `improved` are matches
    of which a better version came in.
    """

    at: datetime
    seconds: float
    dry_run: bool
    documents: dict[str, Counts]
    participants: dict[str, Counts]
    rejected: tuple[Rejected, ...]
    superseded: tuple[Superseded, ...]
    improved: tuple[str, ...]
    people: NamesReport
    verification: dict[str, int]
    unverified: tuple[Unverified, ...]
    flags: dict[str, int]

    @property
    def all_documents(self) -> Counts:
        """Documents of every layout."""
        return _sum(self.documents)

    @property
    def all_participants(self) -> Counts:
        """Participants in games of every layout."""
        return _sum(self.participants)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Every published name, by the rule that told whose it is."""
        by_rule: dict[str, set[str]] = {rule.value: set() for rule in Rule}
        for person in self.people.people.values():
            by_rule[person.rule.value].add(person.name)
        return {rule: tuple(sorted(known)) for rule, known in by_rule.items()}

    @property
    def superseded_by(self) -> dict[tuple[str, str], int]:
        """How many documents of one layout gave way to one of which other, or to `SAME_BYTES`; the
        most first.
        """
        found = Counter(
            (one.layout, SAME_BYTES if one.same_bytes else one.by_layout) for one in self.superseded
        )
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @property
    def changed(self) -> bool:
        """Whether anything came in, or a name found another model."""
        return self.all_documents.imported > 0 or self.people.changed

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON document, sums included."""
        import msgspec

        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "people"}
        told["documents"] = {**self.documents, "all": self.all_documents}
        told["participants"] = {**self.participants, "all": self.all_participants}
        plain: dict[str, Any] = msgspec.to_builtins({**told, "names": self.people.to_json()})
        return plain


@dataclass(slots=True)
class Account:
    """The report while it grows. What is found is noted apart from what becomes of it."""

    documents: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    participants: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    rejected: list[Rejected] = field(default_factory=list)
    superseded: list[Superseded] = field(default_factory=list)
    improved: list[str] = field(default_factory=list)
    verification: Counter[str] = field(default_factory=Counter)
    unverified: list[Unverified] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)

    def found(self, layout: str, participants: int = 0) -> None:
        """A document was found that has so many participants."""
        self.documents[layout].found += 1
        self.participants[layout].found += participants

    def became(self, fate: Fate, layout: str, participants: int = 0) -> None:
        """A document's fate was decided."""
        for counts, number in (
            (self.documents[layout], 1),
            (self.participants[layout], participants),
        ):
            setattr(counts, fate.value, getattr(counts, fate.value) + number)

    def reject(self, path: str, reason: str, layout: str = UNKNOWN, participants: int = 0) -> None:
        """A document was rejected."""
        self.became(Fate.REJECTED, layout, participants)
        self.rejected.append(Rejected(path, reason))

    def supersede(self, lesser: Superseded, participants: int = 0) -> None:
        """A document gave way to another one."""
        self.became(Fate.SUPERSEDED, lesser.layout, participants)
        self.superseded.append(lesser)

    def report(
        self, at: datetime, seconds: float, *, dry_run: bool, people: NamesReport
    ) -> ImportReport:
        """The finished account. Raises NotAccountedFor if it does not add up."""
        for what, by_layout in (
            ("documents", self.documents),
            ("participants", self.participants),
        ):
            for layout, counts in by_layout.items():
                if not counts.is_whole:
                    raise NotAccountedFor(
                        f"The import lost sight of {what} of layout {layout}: {counts}. This is a "
                        "mistake of the program; what it recorded is sound, and it can be repeated"
                    )
        return ImportReport(
            at=at,
            seconds=seconds,
            dry_run=dry_run,
            documents=dict(sorted(self.documents.items())),
            participants=dict(sorted(self.participants.items())),
            rejected=tuple(sorted(self.rejected, key=lambda one: one.path)),
            superseded=tuple(sorted(self.superseded, key=lambda one: one.path)),
            improved=tuple(self.improved),
            people=people,
            verification=dict(sorted(self.verification.items())),
            unverified=tuple(sorted(self.unverified, key=lambda one: one.uuid)),
            flags=dict(sorted(self.flags.items())),
        )


def report_file(replay_dir: Path) -> Path:
    """Where the newest report is kept, as JSON: beside the replays."""
    return replay_dir.parent / "imports" / "snakebench.json"


def keep_report(report: ImportReport, replay_dir: Path) -> None:
    """Write the report where `report_file` says, whole or not at all. Raises OSError."""
    import json
    import os

    file = report_file(replay_dir)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(report.to_json(), indent=2) + "\n", encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def last_report(replay_dir: Path) -> dict[str, Any] | None:
    """The newest report that was kept, as the JSON document it is; None if there is none.

    Raises ImportReportLost for one that can't be read.
    """
    import json

    file = report_file(replay_dir)
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ImportReportLost(f"The report {file} can't be read: {error}; import again") from error
    if not isinstance(document, dict):
        raise ImportReportLost(f"The report {file} is none; import again")
    return document


def _sum(by_layout: dict[str, Counts]) -> Counts:
    names = [one.name for one in fields(Counts)]
    return Counts(*(sum(getattr(counts, name) for counts in by_layout.values()) for name in names))
