"""Calls to language models: matches in flight, what a turn costs the processor, how late turns are.

Three measurements against a practice server in a process of its own, each beside what it is
compared with in the same run. In all of them prompt, call, parsing, ledger, reservation and journal
are the real ones, in a store of SQLite.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG, PRACTICE_CONFIG
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan
from arena_pipeline.matches.runner import play_many
from arena_pipeline.players.protocol import Player
from arena_pipeline_tests.practice.calling import position
from benchmarks.calling_arena import Bench, bench

IN_FLIGHT, IN_FLIGHT_LATENCY_S, WARM_S, WINDOW_S = 1000, 10.0, 25.0, 40.0
RATE_TARGET, CORE_TARGET, MEMORY_TARGET_MB = 0.95, 0.70, 400
TURNS, AT_ONCE, QUICK_S, TURN_TARGET = 2000, 100, 0.5, 2.0
TOGETHER, TURN_S, LATE_TARGET = 200, 2.0, 1.2

LATENCIES = {"slow": IN_FLIGHT_LATENCY_S, "quick": QUICK_S, "even": TURN_S}
MODELS = "\n".join(
    f"- {{slug: practice/{name}, policy: careful_random, latency_s: {seconds}, jitter: 0}}"
    for name, seconds in LATENCIES.items()
)


async def in_flight(at: Bench, ledger: str) -> dict[str, float]:
    """Calls per second, share of a core and memory while so many matches wait for an answer."""
    plans = (at.plan(number, DEFAULT_CONFIG) for number in range(100_000))

    def seats(plan: MatchPlan) -> Sequence[Player]:
        return [at.model("practice/slow"), at.bot(plan)]

    async def go() -> None:
        async for one in play_many(at.recorder, plans, seats, at.options(IN_FLIGHT)):
            await finish(at, one)

    going = asyncio.create_task(go())
    await asyncio.sleep(WARM_S)
    began, worked, before = time.perf_counter(), time.process_time(), await served(ledger)
    await asyncio.sleep(WINDOW_S)
    wall, work = time.perf_counter() - began, time.process_time() - worked
    calls = await served(ledger) - before
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    return {
        "rate": calls / wall,
        "core": work / wall,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def cpu_per_turn(at: Bench, base_url: str) -> dict[str, float]:
    """Processor seconds of a turn, all included, and of a bare call of the same client library."""
    await bare_calls(base_url, AT_ONCE)
    worked = time.process_time()
    await bare_calls(base_url, TURNS)
    bare = (time.process_time() - worked) / TURNS
    turns, worked = 0, 0.0
    enough = asyncio.Event()

    def seats(plan: MatchPlan) -> Sequence[Player]:
        return [at.model("practice/quick"), at.model("practice/quick")]

    def count(_: object) -> None:
        nonlocal turns, worked
        turns += 2
        if worked == 0.0 and turns >= AT_ONCE * 2:
            turns, worked = 0, time.process_time()
        elif turns >= TURNS:
            enough.set()

    async def go() -> None:
        plans = (at.plan(number, DEFAULT_CONFIG) for number in range(100_000))
        options = at.options(AT_ONCE // 2)
        async for one in play_many(at.recorder, plans, seats, options, count):
            await finish(at, one)

    going = asyncio.create_task(go())
    await asyncio.wait(
        [going, asyncio.create_task(enough.wait())], return_when=asyncio.FIRST_COMPLETED
    )
    whole = (time.process_time() - worked) / turns
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    return {"bare": bare, "whole": whole}


async def bare_calls(base_url: str, count: int) -> None:
    """The same library, the same server, a prompt as long, and nothing else."""
    import httpx2
    import openai

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    http = openai.DefaultAsyncHttpxClient(limits=limits)
    text = f"{position()}\n" + "Think shortly, then answer with one word. " * 60
    async with openai.AsyncOpenAI(
        base_url=base_url, api_key="none", max_retries=0, http_client=http
    ) as client:
        waiting = iter(range(count))

        async def work() -> None:
            for number in waiting:
                await client.chat.completions.create(
                    model="practice/quick",
                    messages=[{"role": "user", "content": f"{text}{number}"}],
                    max_tokens=1000,
                )

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def together(at: Bench) -> dict[str, float]:
    """Seconds until so many practice matches are over, beside what their turns alone take."""
    plans = [at.plan(number, PRACTICE_CONFIG) for number in range(TOGETHER)]

    def seats(plan: MatchPlan) -> Sequence[Player]:
        return [at.model("practice/even"), at.model("practice/even")]

    began, longest = time.perf_counter(), 0
    async for one in play_many(at.recorder, plans, seats, at.options(TOGETHER)):
        longest = max(longest, len((await finish(at, one)).steps))
    return {"seconds": time.perf_counter() - began, "ideal": longest * TURN_S}


async def finish(at: Bench, one: Any) -> FinishedMatch:
    """Record a match that has ended."""
    if not isinstance(one, FinishedMatch):
        raise one.error
    await asyncio.to_thread(at.recorder.record, [one])
    return one


async def served(ledger: str) -> int:
    """Calls that the server has answered so far."""

    def ask() -> int:
        with urllib.request.urlopen(ledger, timeout=60) as answer:
            return int(json.load(answer)["served"])

    return await asyncio.to_thread(ask)


async def worker(what: str, base_url: str, ledger: str, folder: Path) -> dict[str, float]:
    async with bench(folder, base_url) as at:
        if what == "in_flight":
            return await in_flight(at, ledger)
        return await (cpu_per_turn(at, base_url) if what == "cpu" else together(at))


def measure(what: str, base_url: str, ledger: str) -> dict[str, float]:
    """One measurement in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        ran = subprocess.run(
            [sys.executable, __file__, what, base_url, ledger, folder],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def show(what: str, value: str, verdict: str) -> None:
    print(f"{what:52} {value:>18}   {verdict}", flush=True)


def report(base_url: str, ledger: str) -> None:
    cost = measure("cpu", base_url, ledger)
    ratio = cost["whole"] / cost["bare"]
    show("a bare call of openai's client", f"{cost['bare'] * 1e3:.2f} ms CPU", "the baseline")
    show(
        "a turn, all included",
        f"{cost['whole'] * 1e3:.2f} ms CPU",
        f"{ratio:.2f} times a bare call (target <= {TURN_TARGET})",
    )
    late = measure("together", base_url, ledger)
    show(
        f"{TOGETHER} practice matches at once, {TURN_S:g} s a turn",
        f"{late['seconds']:.1f} s",
        f"{late['seconds'] / late['ideal']:.2f} times the longest match's turns alone, "
        f"{late['ideal']:.0f} s (target <= {LATE_TARGET})",
    )
    load = measure("in_flight", base_url, ledger)
    ideal = IN_FLIGHT / IN_FLIGHT_LATENCY_S
    show(
        f"{IN_FLIGHT} matches against a bot in flight, {IN_FLIGHT_LATENCY_S:g} s a turn",
        f"{load['rate']:.1f} calls/s",
        f"{load['rate'] / ideal:.3f} of the ideal {ideal:.0f}/s (target >= {RATE_TARGET})",
    )
    show("  processor", f"{load['core']:.2f} of a core", f"target <= {CORE_TARGET}")
    show("  memory", f"{load['memory_mb']:.0f} MB", f"target <= {MEMORY_TARGET_MB}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models.yaml"
        models.write_text(MODELS, encoding="utf-8")
        command = "import sys; from arena_pipeline.cli import main; sys.exit(main())"
        arguments = ("practice-server", "--port", "0", "--models", str(models))
        with subprocess.Popen(
            [sys.executable, "-c", command, *arguments, "--faults", "0", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout is not None
            said = ""
            while not said.endswith("}\n"):
                said += server.stdout.readline()
            try:
                where = json.loads(said)
                report(where["base_url"], where["ledger_url"])
            finally:
                server.terminate()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        what, base_url, ledger, folder = sys.argv[1:5]
        print(json.dumps(asyncio.run(worker(what, base_url, ledger, Path(folder)))))
    else:
        main()
