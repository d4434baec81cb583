"""Every layout comes to the same aligned game, whatever is irregular in it."""

import json

import pytest

from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.game import Layout, PlayedGame
from arena_pipeline.importers.snakebench.reading.layouts import header_game, read_game
from arena_pipeline_tests.importers.snakebench import makers
from arena_pipeline_tests.importers.snakebench.makers import Played, make, play, written

REPLAYS = (*makers.V0, *makers.V1)


def assert_aligned(game: PlayedGame, played: Played) -> None:
    """The game says what was played: boards, moves and ends."""
    assert game.initial is not None
    boards = [game.initial, *(turn.after for turn in game.turns)]
    assert [[[list(cell) for cell in body] for body in board.snakes] for board in boards] == [
        board["snakes"] for board in played.boards
    ]
    assert [list(board.alive) for board in boards] == [board["alive"] for board in played.boards]
    assert [list(board.scores) for board in boards] == [board["scores"] for board in played.boards]
    for turn, moves in zip(game.turns, played.moves, strict=True):
        told = {seat: move for seat, move in turn.moves.items() if move.action is not None}
        assert {seat: move.action for seat, move in told.items()} == {
            seat: move["move"] for seat, move in moves.items()
        }
        assert all(move.rationale == moves[seat]["rationale"] for seat, move in told.items())
    assert [seat.result for seat in game.seats] == played.results
    assert [seat.score for seat in game.seats] == played.scores
    assert [seat.death for seat in game.seats] == [
        death and (death["reason"], death["round"]) for death in played.deaths
    ]


@pytest.mark.parametrize("layout", REPLAYS)
@pytest.mark.parametrize("players", [2, 3])
def test_each_layout_is_told_and_aligned(layout: str, players: int) -> None:
    played = play(
        7, start=makers.STARTS[layout], names=["a", "b", "c"][:players], bot="careful_random"
    )

    game = read_game(written(makers.WRITERS[layout](played)))

    assert game.layout.value == layout
    assert (game.game_id, game.started_text, game.ended_text) == (
        played.game_id,
        played.start,
        played.end,
    )
    assert (game.width, game.height, game.apples, game.max_rounds) == (10, 10, 5, 100)
    assert_aligned(game, played)


@pytest.mark.parametrize("layout", REPLAYS)
@pytest.mark.parametrize("first_id", [0, 1])
def test_seats_follow_the_numbers_of_the_players(layout: str, first_id: int) -> None:
    names = [f"name {seat}" for seat in range(3)]
    played = play(2, start=makers.STARTS[layout], names=names, first_id=first_id)
    document = makers.WRITERS[layout](played)
    where = document["metadata"]["models"] if "rounds" in document else document["players"]
    turned = dict(reversed(where.items()))
    where.clear()
    where.update(turned)

    game = read_game(written(document))

    assert [seat.name for seat in game.seats] == names
    assert [seat.player_id for seat in game.seats] == [str(first_id + seat) for seat in range(3)]
    assert_aligned(game, played)


@pytest.mark.parametrize("layout", REPLAYS)
def test_line_ends_do_not_matter(layout: str) -> None:
    assert read_game(make(layout, 1, crlf=True)) == read_game(make(layout, 1))


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_game(b"\xef\xbb\xbf" + make("v0c", 1)) == read_game(make("v0c", 1))


@pytest.mark.parametrize(("width", "height", "apples"), [(6, 6, 1), (15, 10, 10)])
@pytest.mark.parametrize("layout", REPLAYS)
def test_boards_of_other_sizes_are_read(layout: str, width: int, height: int, apples: int) -> None:
    game = read_game(make(layout, width=width, height=height, apples=apples))

    assert (game.width, game.height, game.apples) == (width, height, apples)


def test_the_boards_tell_where_moves_belong_and_not_the_metadata() -> None:
    played = play(3, start=makers.STARTS["v1_native"])
    migrated = makers.v1_migrated(played)
    migrated["metadata"] = makers.header(played)

    assert read_game(written(migrated)).layout is Layout.V1_MIGRATED
    native = read_game(written(makers.v1_native(played, metadata=False)))
    assert native.layout is Layout.V1_NATIVE
    assert_aligned(native, played)


def test_a_metadata_of_null_is_none() -> None:
    played = play(3, start=makers.STARTS["v1_native"])
    document = {**makers.v1_native(played), "metadata": None}

    assert_aligned(read_game(written(document)), played)


def test_a_migrated_game_that_ended_by_its_round_limit_is_told_by_its_boards() -> None:
    played = play(3, start="2025-06-20T09:00:00", max_rounds=3)
    document = makers.v1_migrated(played)
    document["game"]["rounds_played"] = len(document["frames"])

    assert_aligned(read_game(written(document)), played)


def test_tokens_costs_and_times_of_decision_are_kept() -> None:
    game = read_game(make("v1_native"))
    move = game.turns[0].moves[0]

    assert (move.input_tokens, move.output_tokens, move.cost) == (900, 100, 0.00025)
    assert game.turns[1].decided_at == 1766239202.25
    assert game.seats[0].input_tokens == 900 * len(game.turns)


def test_costs_that_were_filled_in_come_without_tokens() -> None:
    move = read_game(make("v1_costs")).turns[0].moves[0]

    assert (move.input_tokens, move.cost) == (None, 0.00025)


def test_a_player_s_cost_stands_in_the_header_of_later_rounds_files() -> None:
    game = read_game(make("v0c"))

    assert game.seats[0].cost == pytest.approx(0.00025 * len(game.turns))


def test_a_header_has_no_positions() -> None:
    game = header_game(make("header"))

    assert (game.layout, game.initial, game.turns) == (Layout.HEADER, None, ())
    assert (game.width, game.height, game.apples) == (10, 10, None)
    assert [seat.name for seat in game.seats] == ["vendor-a-mini", "Vendor B: Large"]


def test_a_header_is_not_taken_from_a_whole_game() -> None:
    with pytest.raises(BadGame, match="whole game where a header"):
        header_game(make("v0a"))


def test_a_file_without_rounds_is_as_good_as_its_header() -> None:
    document = makers.v0b_native(play(1))
    document["rounds"] = []

    game = read_game(written(document))

    assert (game.layout, game.initial, len(game.seats)) == (Layout.HEADER, None, 2)


def test_missing_scores_are_nothing_and_missing_results_a_tie_as_they_were_rated() -> None:
    document = makers.header_line(play(1))
    document["metadata"]["final_scores"] = {}
    document["metadata"]["game_result"] = {"1": "abandoned"}

    assert [(seat.score, seat.result) for seat in read_game(written(document)).seats] == [
        (0, "tied"),
        (0, "tied"),
    ]


@pytest.mark.parametrize("layout", REPLAYS)
@pytest.mark.parametrize(
    "text", ["x" * 344_056, "a\0b", "\N{SNAKE} snow \u2603", "", "\u202e\x1b[31m", "'); DROP--"]
)
def test_a_rationale_of_any_kind_arrives_as_it_is(layout: str, text: str) -> None:
    game = read_game(make(layout, rationales={(0, 1): text}, max_rounds=2))

    assert game.turns[0].moves[1].rationale == text


@pytest.mark.parametrize("layout", REPLAYS)
def test_raw_letters_are_as_good_as_escaped_ones(layout: str) -> None:
    played = play(1, start=makers.STARTS[layout], rationales={(0, 0): "größer \u2603"})
    content = json.dumps(makers.WRITERS[layout](played), ensure_ascii=False).encode()

    assert read_game(content).turns[0].moves[0].rationale == "größer \u2603"


@pytest.mark.parametrize("layout", REPLAYS)
@pytest.mark.parametrize("broken", [b"\\ud83d", b"\xff\xfe"])
def test_half_a_letter_is_replaced_and_the_rest_kept(layout: str, broken: bytes) -> None:
    content = make(layout, rationales={(0, 0): "before BROKEN after"}, max_rounds=3)

    game = read_game(content.replace(b"BROKEN", broken))

    rationale = game.turns[0].moves[0].rationale
    assert rationale is not None
    assert rationale.startswith("before ")
    assert rationale.endswith(" after")
    assert "\ufffd" in rationale


def test_a_name_keeps_its_spaces_and_loses_what_no_store_can_hold() -> None:
    game = read_game(make("v0a", names=["trailing ", "nul\0name"]))

    assert [seat.name for seat in game.seats] == ["trailing ", "nul\ufffdname"]


def test_numbers_written_otherwise_are_the_same_numbers() -> None:
    document = makers.v0c(play(1))
    expected = read_game(written(document))
    document["metadata"]["actual_rounds"] = float(document["metadata"]["actual_rounds"])
    document["rounds"][0]["apples"][0] = [float(x) for x in document["rounds"][0]["apples"][0]]
    for one in document["rounds"]:
        for moves in one["move_history"]:
            moves["1"]["input_tokens"] = 900.0

    assert read_game(written(document)) == expected


def test_a_cost_that_is_no_number_is_none() -> None:
    content = make("v0c", max_rounds=1).replace(b"0.00025", b"NaN")

    assert read_game(content).turns[0].moves[0].cost is None


def test_tokens_that_cannot_be_are_unknown() -> None:
    content = make("v0c", max_rounds=1).replace(b"900", b"-900").replace(b": 100,", b": 1e2,")

    assert read_game(content).turns[0].moves[0].input_tokens is None


@pytest.mark.parametrize("layout", REPLAYS)
def test_moves_may_be_missing(layout: str) -> None:
    document = makers.WRITERS[layout](play(3, start=makers.STARTS[layout], max_rounds=2))
    for holder in document.get("rounds", []):
        holder["move_history"] = [{"1": None} for _ in holder["move_history"]]
    for frame in document.get("frames", []):
        frame["moves"] = None

    assert all(turn.moves == {} for turn in read_game(written(document)).turns)
