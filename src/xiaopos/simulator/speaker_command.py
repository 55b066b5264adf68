"""The command `xiaopos speaker`: a pretend speaker that prints what it would say.

What may live here: arguments, the loop, the file in which it keeps its number. What may not: judging (speaker.py).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

import aiohttp

from xiaopos.simulator.speaker import PretendSpeaker

PAUSE_S = 3.0


def run(words: list[str]) -> int:
    """Listen until Ctrl-C, or for as many answers as asked for; 0, or 2 when the arguments make no sense."""
    parser = argparse.ArgumentParser(prog="xiaopos speaker", description="A pretend speaker: prints what it would say.")
    parser.add_argument("--house", default="http://127.0.0.1:8586", help="default: %(default)s")
    parser.add_argument(
        "--pairing", type=Path, required=True, help="a file with the pairing that the portal showed once"
    )
    parser.add_argument("--kept", type=Path, help="where it keeps the number of what it said last")
    parser.add_argument("--english", action="store_true", help="say it in English")
    parser.add_argument("--answers", type=int, default=0, help="end after so many answers; 0: never")
    options = parser.parse_args(words)
    try:
        speaker_id, secret = (
            options.pairing.read_text(encoding="utf-8").strip().removeprefix("xiaopos-speaker:").split(":")
        )
        kept = options.kept.read_text(encoding="utf-8") if options.kept and options.kept.exists() else "0"
        speaker = PretendSpeaker(
            speaker_id, bytes.fromhex(secret), time.time, number=int(kept), english=options.english
        )
    except (OSError, ValueError) as error:
        print(f"xiaopos speaker: the pairing or the kept number cannot be read ({error})", file=sys.stderr)
        return 2
    try:
        asyncio.run(_listen(speaker, options.house, options.kept, options.answers))
    except KeyboardInterrupt:
        return 0
    return 0


async def _listen(speaker: PretendSpeaker, house: str, kept: Path | None, answers: int) -> None:
    got = 0
    async with aiohttp.ClientSession() as client:
        while not answers or got < answers:
            got += 1
            try:
                heard = await speaker.listen(house, client)
            except (aiohttp.ClientError, TimeoutError) as error:
                print(f"[{type(error).__name__}]", file=sys.stderr, flush=True)
                await asyncio.sleep(PAUSE_S)
                continue
            if heard is None:
                continue
            if heard.refused:
                print(f"[{heard.refused}]", file=sys.stderr, flush=True)
                await asyncio.sleep(PAUSE_S)
                continue
            if kept is not None:
                kept.write_text(str(speaker.number), encoding="utf-8")
            print(heard.sentence, flush=True)
