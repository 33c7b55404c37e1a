"""An exported trail (C2SP tlog-tiles) in a folder, and hashes of any range computed from its tiles."""

import os
import struct

from merkle import Wrong, largest_power_below, node_hash, root_of

WIDTH = 256


def path_of(number):
    """1234067 -> x001/x234/067"""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


class Folder:
    def __init__(self, folder, size):
        self.folder, self.size = folder, size
        self.cache = {}

    def width(self, level, number):
        return min(WIDTH, (self.size >> 8 * level) - number * WIDTH)

    def read(self, kind, number, width):
        """A file of a full tile; of a partial one, or of the full one that took its place."""
        full = f"tile/{kind}/{path_of(number)}"
        for name in [full] if width == WIDTH else [f"{full}.p/{width}", full]:
            try:
                with open(os.path.join(self.folder, name), "rb") as file:
                    return name, file.read()
            except (FileNotFoundError, NotADirectoryError):
                continue
        raise Wrong(f"{full}: there is no such file (width {width})")

    def tile(self, level, number):
        key = (level, number)
        if key not in self.cache:
            width = self.width(level, number)
            name, data = self.read(str(level), number, width)
            expected = width if name.endswith(f".p/{width}") else WIDTH
            if len(data) != 32 * expected:
                raise Wrong(f"{name}: expected {32 * expected} bytes, found {len(data)}")
            if len(self.cache) > 512:
                self.cache.clear()
            self.cache[key] = [data[i * 32 : i * 32 + 32] for i in range(width)]
        return self.cache[key]

    def entries(self, number):
        width = self.width(0, number)
        name, data = self.read("entries", number, width)
        found, at = [], 0
        while at < len(data):
            if at + 2 > len(data):
                raise Wrong(f"{name}: ends within the length of an entry")
            (length,) = struct.unpack_from(">H", data, at)
            at += 2 + length
            if at > len(data):
                raise Wrong(f"{name}: ends within entry {len(found)}")
            found.append(data[at - length : at])
        expected = width if name.endswith(f".p/{width}") else WIDTH
        if len(found) != expected:
            raise Wrong(f"{name}: expected {expected} entries, found {len(found)}")
        return found[:width]

    def bundles(self):
        return range((self.size + WIDTH - 1) // WIDTH)

    def complete(self, first, end):
        """MTH of a complete subtree [first, end), out of one tile."""
        n = end - first
        level = (n.bit_length() - 1) // 8
        each = 1 << 8 * level
        at, many = first // each, n // each
        return root_of(self.tile(level, at // WIDTH)[at % WIDTH : at % WIDTH + many])

    def range_root(self, first, end):
        """MTH(D[first:end]) of a range that a proof asks for."""
        n = end - first
        if n == 0:
            return root_of([])
        if n & n - 1 == 0:
            return self.complete(first, end)
        k = largest_power_below(n)
        return node_hash(self.range_root(first, first + k), self.range_root(first + k, end))
