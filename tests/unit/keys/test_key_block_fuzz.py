"""A short seeded run of what the fuzzer does to key blocks."""

from __future__ import annotations

import random

from support.key_block_fuzz import key_block, seeds


def test_mutated_blocks_are_read_or_refused(rng: random.Random) -> None:
    letters = b"0123456789ABCDEFKSPBCTx \x00\xff"
    samples = seeds()
    assert len(samples) > 30
    for _ in range(4000):
        data = bytearray(rng.choice(samples))
        for _ in range(rng.randrange(4)):
            place = rng.randrange(len(data))
            match rng.randrange(4):
                case 0:
                    del data[place : place + rng.randrange(1, 9)]
                case 1:
                    data[place:place] = bytes(rng.choices(letters, k=rng.randrange(1, 9)))
                case _:
                    data[place] = rng.choice(letters)
            if not data:
                break
        key_block(bytes(data))
    for size in range(64):
        key_block(rng.randbytes(size))
