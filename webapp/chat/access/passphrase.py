"""Hashes passphrases with argon2id, and checks them. Both take tens of milliseconds of CPU, on purpose."""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

PASSPHRASE_LIMIT = 200
"""Characters in a passphrase, at most."""

# The smallest parameters that OWASP's password storage cheat sheet recommends: 19 MiB of memory, two passes.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# If there were a thread for each guess, a flood of them would take all memory.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passphrase")


async def hashed(passphrase: str) -> str:
    """Return the hash of a passphrase."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _normal(passphrase))


async def is_right(passphrase: str, stored: str) -> bool:
    """Return whether `passphrase` is the one whose hash is `stored`."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verified, stored, _normal(passphrase))


def _verified(stored: str, passphrase: str) -> bool:
    try:
        return _HASHER.verify(stored, passphrase)
    except (VerificationError, InvalidHashError):
        return False


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase.strip())
