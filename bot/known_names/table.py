"""The table of known names: a few flat arrays that load at once and hold no Python object per name.

A name is stored as a 64-bit hash of its folded form. Two of half a million names share a hash once in a hundred million
tables; a foreign word is taken for a name once in forty million million.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from hashlib import blake2b

TABLE = "names.bin"
"""Where the table stands, beside this module."""

_HEADER = struct.Struct("<8sII")
"""What it is and its version, how many names, how many memberships. Numbers are little-endian throughout."""
_MAGIC = b"names\x00\x00\x01"


class KnownNames:
    """Names by their folded form: the folded words joined without a space (`jeanpierre`, `عبدالله`)."""

    def __init__(self, packed: bytes) -> None:
        """Read what `pack` wrote. Raises `ValueError` when it is something else."""
        magic, names, memberships = _HEADER.unpack_from(packed.ljust(_HEADER.size, b"\x00"))
        ends = _HEADER.size + 8 * names, _HEADER.size + 12 * names + 4, _HEADER.size + 12 * names + 4 + 4 * memberships
        if magic != _MAGIC or len(packed) != ends[2]:
            msg = "not a table of known names, or one of another version: install Guetteur again (make setup)"
            raise ValueError(msg)
        self._hashes = _numbers("Q", packed[_HEADER.size : ends[0]])
        self._firsts = _numbers("I", packed[ends[0] : ends[1]])
        self._groups = _numbers("I", packed[ends[1] :])

    def groups(self, folded: str) -> tuple[int, ...]:
        """The groups a name belongs to, rising; none when it is unknown or like no other.

        Two words that share a group are one name.
        """
        place = self._place(folded)
        return () if place is None else tuple(self._groups[self._firsts[place] : self._firsts[place + 1]])

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


def _numbers(code: str, packed: bytes) -> array[int]:
    numbers = array(code, packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(code: str, numbers: list[int]) -> bytes:
    little = array(code, numbers)
    if sys.byteorder == "big":
        little.byteswap()
    return little.tobytes()
