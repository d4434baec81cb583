"""Every published layout becomes an aligned game: a turn is what was done in the state before it
and the board that came of it.

Which layout a document has is told by what is in it: `rounds` reads v0 files, `frames` v1 files,
and a header alone is read here.
"""

from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.importers.snakebench.game import Layout, PlayedGame
from arena_pipeline.importers.snakebench.reading.aligned import headed, players_of, text_of
from arena_pipeline.importers.snakebench.reading.bounds import check
from arena_pipeline.importers.snakebench.reading.documents import Document, Metadata, decode
from arena_pipeline.importers.snakebench.reading.frames import from_frames
from arena_pipeline.importers.snakebench.reading.rounds import from_rounds


def read_game(content: bytes) -> PlayedGame:
    """The game in one JSON document of any layout.

    A header, or a file whose list of rounds is empty, gives a game without positions. Raises
    NotAGame for other documents and BadGame for damaged ones.
    """
    document = decode(content)
    if document.game is not None and document.players is not None:
        return check(from_frames(document, document.game, document.players))
    if document.metadata is None:
        raise NotAGame("it has neither metadata nor players.")
    if document.rounds:
        return check(from_rounds(document.metadata, document.rounds))
    return check(_from_header(document, document.metadata))


def header_game(line: bytes) -> PlayedGame:
    """The game in one line of a list of headers, which has no positions. Raises as `read_game`,
    also for a document that has more than the header.
    """
    game = read_game(line)
    if game.layout is not Layout.HEADER:
        raise BadGame("it is a whole game where a header is expected.")
    return game


def _from_header(document: Document, head: Metadata) -> PlayedGame:
    board = document.board
    return headed(
        head,
        Layout.HEADER,
        players_of(head.models),
        game_type=text_of(document.game_type),
        width=board.width,
        height=board.height,
        apples=board.num_apples,
    )
