"""Minimax for two snakes, in bits: what a step is worth against the worst answer to it.

Moves are simultaneous in Snake; here the rival moves second and knows, so a value is a floor.
Apples that would grow are not imagined. The search costs a fixed number of positions, never a time,
so that a bot plays the same on every machine.
"""

from dataclasses import dataclass

from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.bots.snake.sight import Grid

WIN = 10_000.0
"""More than any position is worth."""

EATEN = 20.0
"""Worth of an apple more than the rival."""

IN_REACH = 14.0
"""Worth of an apple one step away that the rival can't reach as soon ..."""

FADING = 0.8
"""... and what is left of that with every step further."""

CELL = 0.1
"""Worth of a cell reached before the rival."""

CRAMPED = 6.0
"""Cost of every cell that the room ahead is too small for the own body."""


@dataclass(frozen=True, slots=True)
class Walker:
    """A snake in the search: its body head first, the body as bits, its tail's bit, its apples."""

    body: tuple[int, ...]
    bits: int
    tail: int
    score: int


class Lookahead:
    """Searches one board.

    `room` is what nobody else's body blocks; in a `duel` outliving the rival wins.
    """

    def __init__(self, squares: Grid, room: int, *, duel: bool) -> None:
        self._squares, self._room, self._duel = squares, room, duel

    def walker(self, state: SnakeState, seat: int) -> Walker:
        """The snake of this seat."""
        body = tuple(state.bodies[seat])
        bits = self._squares.bits
        return Walker(body, self._squares.of(body), bits[body[-1]], state.scores[seat])

    def worst_reply(
        self, me: Walker, foe: Walker, apples: int, cell: int, depth: int, floor: float
    ) -> float:
        """Value a step on `cell`, looking `depth` turns ahead.

        Values below `floor` are not refined: they are known not to matter.
        """
        bits, room = self._squares.bits, self._room
        mine = bits[cell]
        my_solid = me.bits if mine & apples else me.bits & ~me.tail
        my_next = self._moved(me, cell, apples)
        worst, foe_trapped = 2 * WIN, True
        for _, reply in self._squares.steps[foe.body[0]]:
            theirs = bits[reply]
            solid = my_solid | (foe.bits if theirs & apples else foe.bits & ~foe.tail)
            if not theirs & room or (theirs & solid and reply != cell):
                continue
            foe_trapped = False
            if reply == cell:
                value = self._both_dead(me, foe, depth)
            elif mine & solid:
                value = -WIN - depth
            else:
                left = apples & ~(mine | theirs)
                foe_next = self._moved(foe, reply, apples)
                if depth > 1:
                    value = self._best_step(my_next, foe_next, left, depth - 1, floor, worst)
                else:
                    value = self._judge(my_next, foe_next, left)
            worst = min(worst, value)
            if worst <= floor:
                return worst
        if not foe_trapped:
            return worst
        if mine & (my_solid | foe.bits & ~foe.tail):
            return self._both_dead(me, foe, depth)
        return WIN + depth

    def _best_step(
        self, me: Walker, foe: Walker, apples: int, depth: int, floor: float, ceiling: float
    ) -> float:
        bits = self._squares.bits
        free = self._room & ~(me.bits & ~me.tail | foe.bits & ~foe.tail)
        best = -WIN - depth
        for _, cell in self._squares.steps[me.body[0]]:
            if bits[cell] & free:
                value = self.worst_reply(me, foe, apples, cell, depth, max(floor, best))
                best = max(best, value)
                if best >= ceiling:
                    break
        return best

    def _moved(self, walker: Walker, cell: int, apples: int) -> Walker:
        bits, body = self._squares.bits, walker.body
        bit = bits[cell]
        if bit & apples:
            return Walker((cell, *body), walker.bits | bit, walker.tail, walker.score + 1)
        moved = (cell, *body[:-1])
        return Walker(moved, walker.bits & ~walker.tail | bit, bits[moved[-1]], walker.score)

    def _both_dead(self, me: Walker, foe: Walker, depth: int) -> float:
        if not self._duel or me.score < foe.score:
            return -WIN - depth
        return 0.0 if me.score == foe.score else WIN + depth

    def _judge(self, me: Walker, foe: Walker, apples: int) -> float:
        """Worth of a position: apples eaten, apples and cells reached first, room to live in."""
        spread, bits = self._squares.spread, self._squares.bits
        free = self._room & ~(me.bits & ~me.tail | foe.bits & ~foe.tail)
        mine, theirs = bits[me.body[0]], bits[foe.body[0]]
        value, worth = EATEN * (me.score - foe.score), IN_REACH
        while True:
            free &= ~(mine | theirs)
            grown, foe_grown = spread(mine) & free, spread(theirs) & free
            contested = grown & foe_grown
            free ^= contested
            grown ^= contested
            foe_grown ^= contested
            if not grown and not foe_grown:
                break
            if (grown | foe_grown) & apples:
                value += worth * ((grown & apples).bit_count() - (foe_grown & apples).bit_count())
            worth *= FADING
            mine |= grown
            theirs |= foe_grown
        room, foe_room = mine.bit_count(), theirs.bit_count()
        lacking = max(0, len(me.body) - room) - max(0, len(foe.body) - foe_room)
        return value + CELL * (room - foe_room) - CRAMPED * lacking
