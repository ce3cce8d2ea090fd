"""The table of known names: three flat arrays that load in milliseconds and hold no Python object per name.

A name is stored as a 64-bit hash of its folded form. Half a million names hold a pair with one hash in one of a hundred
million such tables, and a word is wrongly taken for one of them once in forty million million words.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import blake2b

TABLE = "names.bin"
"""Where the table stands, beside this module."""

_HEADER = struct.Struct("<8sII")
"""What it is, how many names (n), how many memberships (m). All numbers are little-endian.

Then n rising hashes of 64 bits; n + 1 places of 32 bits, where the groups of each name begin, and the end; m groups of
32 bits.
"""
_MAGIC = b"names\0\0\1"
"""The last byte is the version of the format."""


class KnownNames:
    """Names by their folded form: the folded words joined without a space (`jeanpierre`, `عبدالله`)."""

    def __init__(self, packed: bytes) -> None:
        """Read what `pack` wrote. Raises `ValueError` when it is something else."""
        magic, names, memberships = _HEADER.unpack(packed[: _HEADER.size].ljust(_HEADER.size))
        firsts = _HEADER.size + 8 * names
        groups = firsts + 4 * (names + 1)
        if magic != _MAGIC or len(packed) != groups + 4 * memberships:
            raise ValueError("not a table of known names, or one of another version")
        view = memoryview(packed)
        self._hashes = _numbers("Q", view[_HEADER.size : firsts])
        self._firsts = _numbers("I", view[firsts:groups])
        self._groups = _numbers("I", view[groups:])

    def groups(self, folded: str) -> tuple[int, ...]:
        """The groups a name belongs to, rising; none when it is unknown or like no other.

        Two words that share a group are one name.
        """
        place = self._place(folded)
        return () if place is None else tuple(self._groups[self._firsts[place] : self._firsts[place + 1]])

    def spread(self, folded: str) -> int:
        """How many spellings are one name with it, itself included; 0 for an unknown one.

        A family name that the world's languages spell in many ways is borne by many: Wilson 18, Darmanin 2.
        """
        return sum(self._sizes[group] for group in self.groups(folded)) or int(folded in self)

    @cached_property
    def _sizes(self) -> array[int]:
        sizes = array("I", bytes(4 * (max(self._groups, default=0) + 1)))
        for group in self._groups:
            sizes[group] += 1
        return sizes

    def __contains__(self, folded: object) -> bool:
        """Attested as a name or as part of one. So are many plain words (`grand`, `roman`)."""
        return isinstance(folded, str) and self._place(folded) is not None

    def __len__(self) -> int:
        """How many names."""
        return len(self._hashes)

    def _place(self, folded: str) -> int | None:
        wanted = _hash(folded)
        place = bisect_left(self._hashes, wanted)
        return place if place < len(self._hashes) and self._hashes[place] == wanted else None


def pack(groups_of: Mapping[str, Iterable[int]]) -> bytes:
    """The table as bytes: the groups of each folded name, in any order. The same names give the same bytes."""
    by_hash = {_hash(name): sorted(set(groups)) for name, groups in groups_of.items()}
    hashes = sorted(by_hash)
    groups: list[int] = []
    firsts = [0]
    for each in hashes:
        groups += by_hash[each]
        firsts.append(len(groups))
    header = _HEADER.pack(_MAGIC, len(hashes), len(groups))
    return header + b"".join(_bytes(code, numbers) for code, numbers in (("Q", hashes), ("I", firsts), ("I", groups)))


def _hash(folded: str) -> int:
    return int.from_bytes(blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _numbers(code: str, packed: memoryview) -> array[int]:
    numbers: array[int] = array(code)
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(code: str, numbers: list[int]) -> bytes:
    little = array(code, numbers)
    if sys.byteorder == "big":
        little.byteswap()
    return little.tobytes()
