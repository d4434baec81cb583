"""A year of daily catalogs, made up from a seed, and a plain record of what they said.

The record is kept apart from the arena: dictionaries by model and day, filled as the days pass.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import FIRST_DAY

DAYS = 365


@dataclass(frozen=True)
class Offer:
    """What a catalog says of one model on one day; prices in thousandths of a USD per million."""

    name: str
    prompt: int
    completion: int
    created: int = MAY

    def row(self, slug: str) -> dict[str, Any]:
        """The catalog's row."""
        prompt, completion = (_per_token(price) for price in (self.prompt, self.completion))
        return row(slug, prompt=prompt, completion=completion, name=self.name, created=self.created)


class Year:
    """365 catalogs: `said[day][slug]` is what each listed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._born = 0
        self.said: list[dict[str, Offer]] = []
        listed: dict[str, Offer] = {}
        self._away: dict[str, Offer] = {}
        for _ in range(70):
            self._add(listed)
        for _ in range(DAYS):
            self.said.append(dict(listed))
            if self._chance.random() > 0.1:  # else a quiet day
                self._pass_a_night(listed)

    def bodies(self) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
        """Each day's catalog, its rows in any order."""
        for number, said in enumerate(self.said):
            rows = [offer.row(slug) for slug, offer in said.items()]
            self._chance.shuffle(rows)
            yield day(number), rows

    @property
    def slugs(self) -> list[str]:
        """Every model that was ever listed."""
        return sorted({slug for said in self.said for slug in said})

    def cost(self, slug: str, number: int) -> tuple[Decimal, Decimal] | None:
        """USD per million tokens that the last catalog said of it up to a day."""
        offers = [said[slug] for said in self.said[: number + 1] if slug in said]
        return _prices(offers[-1]) if offers else None

    def names(self, slug: str) -> dict[str, tuple[datetime, datetime]]:
        """Each name it bore, with the first and the last catalog that was new and said so."""
        found: dict[str, tuple[datetime, datetime]] = {}
        before: dict[str, Offer] = {}
        for number, said in enumerate(self.said):
            if slug in said and said != before:
                name = said[slug].name
                found[name] = (found.get(name, (day(number),))[0], day(number))
            before = said
        return found

    def absences(self, slug: str) -> list[tuple[datetime, datetime | None]]:
        """Each run of days without it, after it was first listed."""
        found: list[tuple[datetime, datetime | None]] = []
        seen = away = False
        for number, said in enumerate(self.said):
            if slug in said and away:
                found[-1] = (found[-1][0], day(number))
            elif slug not in said and seen and not away:
                found.append((day(number), None))
            seen = seen or slug in said
            away = seen and slug not in said
        return found

    def price_changes(self) -> int:
        """How often a model got a price: its first, and each that is another than its last."""
        last: dict[str, tuple[Decimal, Decimal]] = {}
        number = 0
        for said in self.said:
            for slug, offer in said.items():
                number += last.get(slug) != _prices(offer)
                last[slug] = _prices(offer)
        return number

    def changes(self) -> Counter[str]:
        """How many changes of each kind there are from each day to the next."""
        kinds: Counter[str] = Counter()
        before: dict[str, Offer] = {}
        known: set[str] = set()
        for said in self.said:
            kinds["added"] += len(said.keys() - known)
            kinds["returned"] += len(said.keys() & known - before.keys())
            kinds["removed"] += len(before.keys() - said.keys())
            for slug in said.keys() & before.keys():
                old, new = before[slug], said[slug]
                kinds["repriced"] += _prices(old) != _prices(new)
                kinds["renamed"] += old.name != new.name
                kinds["repointed"] += old.created != new.created
            known |= said.keys()
            before = said
        return kinds

    def _pass_a_night(self, listed: dict[str, Offer]) -> None:
        chance = self._chance
        for slug in chance.sample(sorted(listed), chance.randrange(4)):
            self._reprice(listed, slug)
        if chance.random() < 0.2:
            slug = chance.choice(sorted(listed))
            listed[slug] = replace(listed[slug], name=f"Name {chance.randrange(5)} of {slug}")
        if chance.random() < 0.05:
            slug = chance.choice(sorted(listed))
            listed[slug] = replace(listed[slug], created=listed[slug].created + 86_400)
        if chance.random() < 0.2:
            for slug in chance.sample(sorted(listed), chance.randrange(1, 3)):
                self._away[slug] = listed.pop(slug)
        if self._away and chance.random() < 0.25:
            slug = chance.choice(sorted(self._away))
            listed[slug] = self._away.pop(slug)
            if chance.random() < 0.3:
                self._reprice(listed, slug)
        if chance.random() < 0.1:
            self._add(listed)

    def _add(self, listed: dict[str, Offer]) -> None:
        slug = f"acme/m{self._born}"
        self._born += 1
        listed[slug] = Offer(f"Model {self._born}", self._price(), self._price())

    def _reprice(self, listed: dict[str, Offer], slug: str) -> None:
        """A new price, or one it had before."""
        offers = [said[slug] for said in self.said[-5:] if slug in said]
        if offers and self._chance.random() < 0.5:
            old = self._chance.choice(offers)
            prompt, completion = old.prompt, old.completion
        else:
            prompt, completion = self._price(), listed[slug].completion
        listed[slug] = replace(listed[slug], prompt=prompt, completion=completion)

    def _price(self) -> int:
        return self._chance.choice([0, 150, 2500, self._chance.randrange(1, 75_000)])


def day(number: int) -> datetime:
    """When the catalog of a day, from 0, was fetched."""
    return FIRST_DAY + timedelta(days=number)


def _prices(offer: Offer) -> tuple[Decimal, Decimal]:
    return Decimal(offer.prompt) / 1000, Decimal(offer.completion) / 1000


def _per_token(price: int) -> str:
    return format(Decimal(price).scaleb(-9), "f")
