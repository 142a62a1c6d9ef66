"""Pictures, arrays and data sets as bytes, with the standard library alone: what the tests of the command line feed and
check."""
import ast
import io
import struct
import zipfile
import zlib


def png(rows, colour_type=0, size=None, level=-1):
    """A PNG of `rows`, lists of 8-bit values (grey; three a pixel for colour_type 2). `size` (width, height) may lie;
    `level` is that of zlib."""
    width, height = size or (len(rows[0]) // (3 if colour_type == 2 else 1), len(rows))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(row) for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, level)) + chunk(b"IEND", b"")


def pattern(height, width):
    """Rows of a grey picture in which no two neighbourhoods are alike."""
    return [[(y * 37 + x * x * 11 + x * y * 5) % 256 for x in range(width)] for y in range(height)]


def read_npy(data):
    """(shape, values) of the bytes of a float32 .npy file."""
    assert data[:6] == b"\x93NUMPY", "no .npy file"
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    return header["shape"], struct.unpack(f"<{(len(data) - 10 - length) // 4}f", data[10 + length:])


def npy(descr, lengths, values):
    """A .npy file of `values` packed as they are ("<f4" floats, "|u1" bytes), with a header that may lie."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({', '.join(map(str, lengths))},), }}\n".encode()
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header +
            struct.pack(f"<{len(values)}{'f' if descr == '<f4' else 'B'}", *values))


def npz(arrays):
    """An .npz file of .npy files by their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in arrays.items():
            archive.writestr(name + ".npy", data)
    return file.getvalue()


def idx(values, *lengths):
    """An IDX file of bytes."""
    return struct.pack(">I" + "I" * len(lengths), 0x800 + len(lengths), *lengths) + bytes(values)


def first_of_idx(data, count):
    """An IDX file of the first `count` items of another."""
    rank = data[3]
    lengths = struct.unpack(">" + "I" * rank, data[4:4 + 4 * rank])
    first = 4 + 4 * rank
    item = (len(data) - first) // lengths[0]
    return idx(data[first:first + count * item], count, *lengths[1:])
