"""Games are found by name, and others can add theirs."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline.games import catalogue
from arena_pipeline.games.catalogue import GameNameTaken, UnknownGame
from arena_pipeline.games.snake import Snake
from arena_pipeline_tests.toy_games import TOYS, register_toys
from arena_pipeline_tests.toy_games.nim import Nim


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of the test's own."""
    monkeypatch.setattr(catalogue, "_games", dict(catalogue._games))
    catalogue._load_entry_points.cache_clear()
    yield
    catalogue._load_entry_points.cache_clear()


def test_snake_is_there() -> None:
    assert isinstance(catalogue.game("snake"), Snake)
    assert catalogue.game("snake") in catalogue.games()


def test_an_unknown_game_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownGame, match=r"no game 'snaek'; did you mean snake\?"):
        catalogue.game("snaek")


def test_a_game_made_elsewhere_can_be_registered_and_again() -> None:
    register_toys()
    register_toys()

    assert catalogue.game("toy_nim") is TOYS[0].game
    assert {toy.game.name for toy in TOYS} <= {game.name for game in catalogue.games()}


def test_two_games_cannot_share_a_name() -> None:
    class OtherNim(Nim):
        """Not the Nim whose matches are recorded."""

    catalogue.register(Nim())
    with pytest.raises(GameNameTaken, match="already called 'toy_nim'"):
        catalogue.register(OtherNim())


def test_an_installed_package_brings_its_game_by_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "foreign_game.py").write_text(
        "from arena_pipeline_tests.toy_games.nim import Nim\n"
        "class Foreign(Nim):\n"
        "    name = 'foreign'\n"
    )
    metadata = tmp_path / "foreign_game-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign-game\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[arena_pipeline.games]\nforeign = foreign_game:Foreign\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "foreign_game", raising=False)

    assert catalogue.game("foreign").name == "foreign"
