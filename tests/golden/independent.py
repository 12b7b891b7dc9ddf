"""Checks the golden files with an implementation written from docs/reproducibility.md alone.

Usage: independent.py [FOLDER]; FOLDER holds the *.txt files and is the script's own by default. The
exit code is 0 if every file passes, 1 if one fails and 77 if NumPy is missing. Sections named below
are those of docs/reproducibility.md; README.md describes the files. Of the lines that belong to
docs/wire.md only messages of few bits are checked.
"""
import functools
import itertools
import math
import pathlib
import random
import struct
import sys
from fractions import Fraction

try:
    import numpy as np
except ImportError as error:
    print(f'skipped: NumPy is needed ({error})')
    sys.exit(77)

LOW_32 = 0xFFFFFFFF
LANES = 16
TILE = 4096
SEGMENT = 2 ** 20
LEAST_LANES = 1024  # of a SparseSign stretch
SCALE = -0.5  # of the golden updates
BASIS_IDS = {'truncated-normal': 1, 'truncated-normal-32': 2, 'gaussian': 3, 'rademacher': 4,
             'sparse-sign': 5}
HEADER = 'seed', 'block_sizes', 'bases_per_block'
NOT_CHECKED = {'layout_fingerprint', 'message_float32', 'message_int16'}
LOGARITHM = ('-0x1.387afcp-4', '0x1.06b782p-3', '-0x1.0e4ce6p-3', '0x1.22a9e8p-3',
             '-0x1.545048p-3', '0x1.99a1d4p-3', '-0x1.00030ap-2', '0x1.555552p-2', '-0x1.fffffcp-2')
SINE = '-0x1.2d9bb8p-15', '0x1.465ec6p-9', '-0x1.4abbbap-4', '0x1.921fb6p-1'
FEW_BITS = {'1bit': 1, '2bit': 2, '3bit': 3, '4bit': 4, '8bit': 8}
ROTATIONS = 0, 7  # of the golden messages
LEVELS = {
    1: [0.797884583],
    2: [0.452780038, 1.51041758],
    3: [0.24509418, 0.756005287, 1.34390926, 2.15194559],
    4: [0.128395036, 0.388048291, 0.656759143, 0.942340434, 1.25623119, 1.6180464, 2.06901717,
        2.73258948]}
THRESHOLDS = {
    1: [], 2: [0.981598794], 3: [0.500549734, 1.04995728, 1.74792755],
    4: [0.258221656, 0.522403717, 0.799549758, 1.09928584, 1.4371388, 1.84353185, 2.40080333]}
COSINE = '-0x1.4e5ed6p-12', '0x1.03af5cp-6', '-0x1.3bd392p-2', '0x1p0'


def fma(a, b, c):
    """Preamble: a b + c in float, rounded once, by rounding to odd in double in between."""
    product = np.asarray(a, np.float32).astype(float) * np.asarray(b, np.float32).astype(float)
    c = np.asarray(c, np.float32).astype(float)  # and the product is exact
    total = np.atleast_1d(product + c)
    addend = total - product
    error = (product - (total - addend)) + (c - addend)  # total + error is exact
    inexact_even = (error != 0) & (total.view(np.int64) % 2 == 0)
    odd = np.nextafter(total, np.where(error > 0, np.inf, -np.inf))
    total = np.where(inexact_even, odd, total)
    return total.astype(np.float32).reshape(np.broadcast_shapes(product.shape, c.shape))


def fma_double(a, b, c):
    """Preamble: a b + c in double, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def round_to_float(value):
    """Preamble: the float nearest to a fraction, ties to even."""
    if value == 0:
        return np.float32(0)
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if Fraction(2) ** exponent > magnitude:
        exponent -= 1
    quantum = Fraction(2) ** (max(exponent, -126) - 23)
    return np.float32(float(round(value / quantum) * quantum))


def horner(coefficients, x):
    """Section 4: a polynomial in float, highest degree first, every step an fma."""
    first, *others = coefficients
    y = np.full(x.shape, first, np.float32)
    for coefficient in others:
        y = fma(y, x, coefficient)
    return y


def philox(counter, key):
    """Section 1: the four words of every counter, whose words may be arrays."""
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.atleast_1d(np.asarray(word, np.uint64))
                                           for word in counter))
    k0, k1 = key
    low, shift = np.uint64(LOW_32), np.uint64(32)
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = ((product1 >> shift) ^ c1 ^ np.uint64(k0), product1 & low,
                          (product0 >> shift) ^ c3 ^ np.uint64(k1), product0 & low)
        k0 = (k0 + 0x9E3779B9) & LOW_32
        k1 = (k1 + 0xBB67AE85) & LOW_32
    return np.stack([c0, c1, c2, c3], axis=1)


def halves(number):
    """Section 2: lo and hi of a 64-bit integer."""
    return number & LOW_32, number >> 32 & LOW_32


def sketch_key(value, round_number, basis_id):
    """Section 2: the key of a sketch."""
    words = philox((*halves(round_number), basis_id, 0), halves(value))
    return int(words[0, 0]), int(words[0, 1])


def calls(count, basis, block, key):
    """Section 2: the words of the first calls of a basis."""
    return philox((*halves(np.arange(count)), basis, block), key)


def places(size, parts):
    """Section 3: call, word, part and half of every element of a block."""
    element = np.arange(size)
    in_group = element % (32 * parts)
    lane, row = in_group % LANES, in_group // LANES
    half, part = row // parts, row % parts
    call = 8 * (element // (32 * parts)) + lane // 2
    return call, 2 * half + 1 - lane % 2, part, half


def part_bits(size, parts, basis, block, key):
    """Section 3: the bits of every element of a block."""
    call, word, part, _ = places(size, parts)
    words = calls(call.max() + 1, basis, block, key)[call, word].astype(np.int64)
    width = 32 // parts
    return words >> (32 - width * (part + 1)) & (1 << width) - 1


@functools.lru_cache(maxsize=None)
def truncated_normal_polynomial(size, bits):
    """Section 4, TruncatedNormal: the coefficients p in float, and E[raw^2]."""
    g = sum(Fraction((-1) ** n, size ** n * 2 ** n * math.factorial(n) * (2 * n + 1))
            for n in range(60))  # the rest is below 2^-330
    g = Fraction(round(g * 2 ** 400), 2 ** 400)
    k, exact = [], []
    while len(exact) < 32 and 1 - sum(exact) > Fraction(1, 2 ** (bits + 1)):
        n = len(exact)
        k.append(sum(k[m] * k[n - 1 - m] / ((m + 1) * (2 * m + 1)) for m in range(n))
                 if n else Fraction(1))
        exact.append(k[n] / ((2 * n + 1) * 2 ** n) * g ** (2 * n + 1) / size ** n)
    p = [round_to_float(coefficient) for coefficient in exact]
    mean_square = 0.0
    for m in range(len(p)):
        for n in range(len(p)):
            j = m + n + 1
            moment = fma_double(-j / 3, 4.0 ** -bits, 1 / (2 * j + 1))
            mean_square = fma_double(float(p[m]) * float(p[n]), moment, mean_square)
    return p, mean_square


def truncated_normal(size, basis, block, key, bits):
    """Section 4, TruncatedNormal: raw, amplitude and E[raw^2]."""
    part = part_bits(size, 2 if bits == 16 else 1, basis, block, key)
    top = part << 16 if bits == 16 else part & ~0xFF
    lattice = (top | 1 << (31 - bits)).astype(np.uint32).view(np.int32).astype(np.float32)
    a = 1.0 / math.sqrt(size)
    if size >= 2 ** (bits - 3):
        return lattice, a * 2.0 ** -31, (2 ** 64 - 4 ** (32 - bits)) / 12
    p, mean_square = truncated_normal_polynomial(size, bits)
    u = lattice * np.float32(2.0 ** -31)
    return u * horner(p[::-1], u * u), a, mean_square


def gaussian(size, basis, block, key):
    """Section 4, Gaussian: raw."""
    call, word, _, half = places(size, 1)
    words = calls(8 * (call.max() // 8 + 1), basis, block, key).astype(np.int64)
    w0, w1 = words[call, word % 2], words[call, 2 + word % 2]
    x = (w0 >> 1 | 1).astype(np.float32)
    x_bits = x.view(np.int32).astype(np.int64)
    exponent = (x_bits - 0x3F3504F3) >> 23
    f = (x_bits - (exponent << 23)).astype(np.int32).view(np.float32) - np.float32(1)
    logarithm = fma(f * f, horner(map(float.fromhex, LOGARITHM), f), f)
    radius = np.sqrt(fma((31 - exponent).astype(np.float32), float.fromhex('0x1.62e43p+0'),
                         np.float32(-2) * logarithm))
    angle = (w1 << 2 & 0xFFFFFF00 | 0x80).astype(np.uint32).view(np.int32)
    t = angle.astype(np.float32) * np.float32(2.0 ** -31)
    z = t * t
    sine = t * horner(map(float.fromhex, SINE), z)
    cosine = horner(map(float.fromhex, COSINE), z)
    bit30, bit31 = w1 >> 30 & 1 == 1, w1 >> 31 & 1 == 1
    sine, cosine = np.where(bit30, cosine, sine), np.where(bit30, sine, cosine)
    cosine = np.where(bit30 != bit31, -cosine, cosine)
    sine = np.where(bit31, -sine, sine)
    return radius * np.where(half == 0, cosine, sine)


def dense_basis(basis_id, size, basis, block, key):
    """Section 4: raw, amplitude and E[raw^2] of a dense basis."""
    if basis_id in (1, 2):
        return truncated_normal(size, basis, block, key, 16 if basis_id == 1 else 24)
    if basis_id == 3:
        return gaussian(size, basis, block, key), 1.0, 1.0
    negative = part_bits(size, 32, basis, block, key) == 1
    return np.where(negative, np.float32(-1), np.float32(1)), 1.0, 1.0


def sparse_signs(size, bases, block, key):
    """Section 4, SparseSign: owning basis and sign of every element, and the chunk's size."""
    chunk = bases * max(1, TILE // bases)
    element = np.arange(size)
    rotation = np.array([(int(high) << 32 | int(low)) * bases >> 64 for low, high, _, _ in
                         calls(-(-size // chunk), 1, block, key)])
    sign = np.where(part_bits(size, 32, 0, block, key) == 1, np.float32(-1), np.float32(1))
    return (element % chunk + rotation[element // chunk]) % bases, sign, chunk


def project_dense(delta, raw, amplitude, mean_square, bases):
    """Section 5, dense bases: a coordinate."""
    total = 0.0
    for start in range(0, len(delta), SEGMENT):
        padding = (0, -len(delta[start:start + SEGMENT]) % TILE)
        tile_delta, tile_raw = (
            np.pad(values[start:start + SEGMENT], padding).reshape(-1, TILE // LANES, LANES)
            for values in (delta, raw))
        sums = np.zeros((len(tile_delta), LANES), np.float32)
        for row in range(TILE // LANES):
            sums = fma(tile_delta[:, row], tile_raw[:, row], sums)
        for width in (8, 4, 2, 1):
            sums = sums[:, :width] + sums[:, width:2 * width]
        segment = 0.0
        for tile in sums[:, 0]:
            segment += float(tile)
        total += segment
    return np.float32(total / ((amplitude * mean_square) * bases))


def sum_stretch(signed, owner, bases):
    """Section 5, SparseSign: the sums of all bases over one stretch, in float."""
    sums = np.zeros(bases, np.float32)
    if bases > LEAST_LANES:
        np.add.at(sums, owner, signed)  # in order
        return sums
    lane_count = bases * (LEAST_LANES // bases)
    lane_sums = np.zeros(lane_count, np.float32)
    for row in np.pad(signed, (0, -len(signed) % lane_count)).reshape(-1, lane_count):
        lane_sums = lane_sums + row
    rows = lane_sums.reshape(-1, bases)
    while len(rows) > 1:
        half = (len(rows) + 1) // 2
        rows = np.concatenate([rows[:len(rows) - half] + rows[half:], rows[len(rows) - half:half]])
    sums[(owner[0] + np.arange(bases)) % bases] = rows[0]
    return sums


def project_sparse(delta, owner, sign, chunk, bases):
    """Section 5, SparseSign: the coordinates."""
    stretch = chunk if bases <= LEAST_LANES else 64 * chunk
    length = max(1, SEGMENT // stretch) * stretch
    signed = sign * delta
    total = np.zeros(bases)
    for start in range(0, len(delta), length):
        segment = np.zeros(bases)
        for begin in range(start, min(start + length, len(delta)), stretch):
            end = min(begin + stretch, start + length)
            segment += sum_stretch(signed[begin:end], owner[begin:end], bases)
        total += segment
    return total.astype(np.float32)


def sketch_block(basis_id, delta, bases, block, key, with_entries):
    """Sections 4 to 6: coordinates, and if asked for entries by basis and the updated model."""
    if basis_id == 5:
        owner, sign, chunk = sparse_signs(len(delta), bases, block, key)
        coordinates = project_sparse(delta, owner, sign, chunk, bases)
        if not with_entries:
            return coordinates, None, None
        entries = [np.where(owner == basis, sign, 0.0) for basis in range(bases)]
        update = sign * (SCALE * coordinates.astype(float)).astype(np.float32)[owner]
        return coordinates, entries, update + np.float32(0)
    coordinates, entries = np.zeros(bases, np.float32), []
    update = np.zeros(len(delta), np.float32)
    for basis in range(bases):
        raw, amplitude, mean_square = dense_basis(basis_id, len(delta), basis, block, key)
        coordinates[basis] = project_dense(delta, raw, amplitude, mean_square, bases)
        if with_entries:
            entries.append(amplitude * raw.astype(float))
            update = fma((SCALE * float(coordinates[basis])) * amplitude, raw, update)
    return coordinates, entries, update


def cut_into_chunks(budget):
    """Section 9: the first coordinate, the number and the size of every chunk."""
    first = end = 0
    for block, bases in enumerate(budget):
        end += bases
        if end - first < 8192 and block + 1 < len(budget):
            continue
        while first < end:
            size = min(max(2 ** ((end - first).bit_length() - 1), 32), 8192)
            count = min(end - first, size)
            yield first, count, size
            first += count


def turn_signs(size, chunk, rotation, turn, seed):
    """Section 9: the signs of a turn."""
    bits = part_bits(size, 32, chunk, rotation, sketch_key(*seed, 0x100 + turn))
    return np.where(bits == 1, np.float32(-1), np.float32(1))


def shortest_distance(turn, size):
    """Section 9: D_0."""
    return 16 if turn == 0 and size >= 4096 else 1


def butterflies(values, turn):
    """Section 9: the butterflies of a turn."""
    size = len(values)
    distance = shortest_distance(turn, size)
    while distance < size:
        first, second = values.reshape(-1, 2, distance).swapaxes(0, 1)
        values = np.stack([first + second, first - second], axis=1).reshape(size)
        distance *= 2
    return values


def sum_of_products(first, second):
    """Section 9: in 32 lanes."""
    sums = np.zeros(32, np.float32)
    for a, b in zip(first.reshape(-1, 32), second.reshape(-1, 32)):
        sums = fma(a, b, sums)
    for width in (16, 8, 4, 2, 1):
        sums = sums[:width] + sums[width:2 * width]
    return sums[0]


def round_to_levels(magnitudes, sigma, bits):
    """Section 9: the numbers of the levels, and the levels."""
    if bits == 8:
        steps = np.float32(1) / (sigma * np.float32(2.0 ** -5))
        integers = np.float32(2.0 ** 23)
        levels = np.minimum(fma(magnitudes, steps, integers) - integers, np.float32(127))
        return levels.astype(np.int64), levels
    thresholds = np.array(THRESHOLDS[bits], np.float32) * sigma
    numbers = (magnitudes[:, None] > thresholds).sum(axis=1)
    return numbers, np.array(LEVELS[bits], np.float32)[numbers]


def encode_chunk(coordinates, size, chunk, bits, rotation, seed):
    """Section 9: the bytes of a chunk."""
    values = np.pad(coordinates, (0, size - len(coordinates)))
    largest = float(np.abs(values).max())
    if largest == 0:
        return bytes(4 + size // 8 * bits)
    exponent = max(math.frexp(largest)[1] - 1, -126)
    values = values * np.float32(2.0 ** -exponent)
    for turn in 0, 1:
        values = butterflies(values * turn_signs(size, chunk, rotation, turn, seed), turn)
    squares = sum_of_products(values, values)
    numbers, levels = round_to_levels(np.abs(values), np.sqrt(squares / np.float32(size)), bits)
    products = sum_of_products(np.abs(values), levels)
    gain = size * size // shortest_distance(0, size)
    scale = math.ldexp(float(squares) / float(products) / gain, exponent)
    numbers = numbers + (np.signbit(values).astype(np.int64) << (bits - 1))
    planes = [numbers >> (bits - 1 - plane) & 1 for plane in range(bits)]
    groups = np.stack(planes).reshape(bits, -1, 32).swapaxes(0, 1).astype(np.uint8)
    return struct.pack('<f', np.float32(scale)) + np.packbits(groups, bitorder='little').tobytes()


def decode_chunk(content, size, chunk, bits, rotation, seed):
    """Section 9: the numbers of a chunk, those beyond its coordinates too."""
    scale = np.frombuffer(content[:4], '<f4')[0]
    if scale == 0:
        return np.zeros(size, np.float32)
    groups = np.unpackbits(np.frombuffer(content[4:], np.uint8), bitorder='little')
    planes = groups.reshape(-1, bits, 32).swapaxes(0, 1).reshape(bits, size).astype(np.int64)
    numbers = sum(planes[plane] << (bits - 1 - plane) for plane in range(1, bits))
    if bits == 8:
        values = numbers.astype(np.float32)
    else:
        values = np.array(LEVELS[bits], np.float32)[numbers + np.zeros(size, np.int64)]
    values = np.where(planes[0] == 1, -values, values)
    values = butterflies(values, 1) * turn_signs(size, chunk, rotation, 1, seed)
    return butterflies(values, 0) * scale * turn_signs(size, chunk, rotation, 0, seed)


def few_bits(coordinates, budget, bits, rotation, seed):
    """Section 9: the bytes of all chunks, and the coordinates that are rebuilt from them."""
    content, decoded = [], []
    for chunk, (first, count, size) in enumerate(cut_into_chunks(budget)):
        content.append(encode_chunk(coordinates[first:first + count], size, chunk, bits, rotation,
                                    seed))
        decoded.append(decode_chunk(content[-1], size, chunk, bits, rotation, seed)[:count])
    return b''.join(content), decoded


def crc64(content):
    """README.md: CRC-64/XZ of bytes."""
    crc = 2 ** 64 - 1
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xC96C5795D7870F42 if crc & 1 else 0)
    return crc ^ 2 ** 64 - 1


def checksum(arrays):
    """README.md: CRC-64/XZ of the arrays' bytes."""
    return f"{crc64(b''.join(array.astype('<f4').tobytes() for array in arrays)):016x}"


def listed(count):
    """README.md: the indices that a file holds of a long list."""
    return [index for index in range(count) if index < 20 or index % 211 == 0]


def expected_lines(name, header, entry_bases):
    """README.md: the lines of a file after its header; entry_bases is None if they stop early."""
    sizes, budget = (list(map(int, header[key])) for key in ('block_sizes', 'bases_per_block'))
    key = sketch_key(*map(int, header['seed']), BASIS_IDS[name])
    numerator = np.arange(sum(sizes)) * 7919 % 2003 - 1001
    delta = np.split(numerator.astype(np.float32) / np.float32(1000), np.cumsum(sizes)[:-1])
    coordinates, entries, updates = zip(*(
        sketch_block(BASIS_IDS[name], delta[block], bases, block, key, entry_bases is not None)
        for block, bases in enumerate(budget)))
    for block, bases in enumerate(budget):
        for basis in range(bases) if sum(budget) <= 100 else listed(bases):
            yield 'coordinate', block, basis, float(coordinates[block][basis]).hex()
    yield 'coordinates_checksum', checksum(coordinates)
    if entry_bases is None:
        return
    for block, size in enumerate(sizes):
        basis = entry_bases[block]
        for index in listed(size):
            yield 'entry', block, basis, index, float(entries[block][basis][index]).hex()
            yield 'update', block, index, float(updates[block][index]).hex()
    yield 'update_checksum', checksum(updates)
    yield from message_lines(BASIS_IDS[name], header, np.concatenate(coordinates))


def message_lines(basis_id, header, coordinates):
    """docs/wire.md: the messages of few bits, and what they are decoded to."""
    seed, budget = (list(map(int, header[key])) for key in ('seed', 'bases_per_block'))
    fingerprint = int(header['layout_fingerprint'][0], 16)
    for name, bits in FEW_BITS.items():
        for rotation in ROTATIONS:
            content, decoded = few_bits(coordinates, budget, bits, rotation, seed)
            message = b'FRRT' + struct.pack('<HBBQQQI', 1, basis_id, 16 + bits, *seed, fingerprint,
                                            len(budget))
            message += struct.pack(f'<{len(budget)}II', *budget, rotation) + content
            message += struct.pack('<Q', crc64(message))
            yield f'message_{name}', rotation, message.hex()
            yield f'decoded_{name}', rotation, checksum(decoded)


def odd_number(index, stream):
    """Section 8."""
    words = philox((index % 2 ** 32, index >> 32, 0, stream), (0, 0)).reshape(-1)
    return int(words[0]) + (int(words[1]) << 32) | 1


def model_fingerprint(dtype, size):
    """Section 8, of the golden update as a model."""
    values = (np.arange(size) * 7919 % 2003 - 1001).astype(np.float32) / np.float32(1000)
    if dtype == 'bfloat16':  # the upper half of a float, rounded to nearest even
        bits = values.view(np.uint32).astype(np.uint64)
        bits = bits + 0x7FFF + (bits >> 16 & 1) >> 16
    else:
        bits = values.astype(dtype).view(f'u{np.dtype(dtype).itemsize}')
    keys = [odd_number(j, 2) for j in range(min(size, 1024))]
    factors = [odd_number(t, 3) for t in range(size // 1024 + 1)]
    total = sum(int(bits[i]) * keys[i % 1024] * factors[i // 1024] for i in range(size))
    return f'{total % 2 ** 64:016x}'


def check_fingerprints(path):
    """Compares the lines of the file of fingerprints; returns their number."""
    first, *lines = path.read_text().splitlines()
    for line in lines:
        key, dtype, size, found = line.split(' ')
        expected = model_fingerprint(dtype, int(size))
        if (first, key, found) != ('ferret-golden 1', 'model_fingerprint', expected):
            raise ValueError(f'in the file: {line}, here: {expected}')
    return len(lines)


def check_few_bits(path):
    """Compares the lines of the file of coordinates in few bits; returns their number."""
    first, *lines = path.read_text().splitlines()
    seed, budget = (list(map(int, line.split(' ')[1:])) for line in lines[:2])
    numerator = np.arange(sum(budget)) * 7919 % 2003 - 1001
    coordinates = numerator.astype(np.float32) / np.float32(1000)
    expected = [' '.join(map(str, ['seed', *seed])),
                ' '.join(map(str, ['bases_per_block', *budget]))]
    for name, bits in FEW_BITS.items():
        for rotation in ROTATIONS:
            content, decoded = few_bits(coordinates, budget, bits, rotation, seed)
            expected.append(f'few_bits {name} {rotation} {crc64(content):016x} {checksum(decoded)}')
    for line, here in itertools.zip_longest(lines, expected):
        if first != 'ferret-golden 1' or line != here:
            raise ValueError(f'in the file: {line}, here: {here}')
    return len(lines)


def check(path):
    """Compares the lines of one file, in any order; returns their number."""
    if path.stem == 'model-fingerprint':
        return check_fingerprints(path)
    if path.stem == 'few-bits':
        return check_few_bits(path)
    lines = [line.split(' ') for line in path.read_text().splitlines()]
    header = {line[0]: line[1:] for line in lines[:6]}
    lines = [line for line in lines if line[0] not in NOT_CHECKED]
    for line in lines:
        if line[0] in ('coordinate', 'entry', 'update'):
            line[-1] = float.fromhex(line[-1]).hex()  # one spelling of every value
    name = header['basis'][0]
    entry_bases = None
    if not path.stem.endswith(('-large', '-many')):
        entry_bases = {int(line[1]): int(line[2]) for line in lines if line[0] == 'entry'}
    expected = ['ferret-golden 1', f'basis {name} {BASIS_IDS[name]}']
    expected += [' '.join([key, *header[key]]) for key in HEADER]
    expected += [' '.join(map(str, line)) for line in expected_lines(name, header, entry_bases)]
    found = [' '.join(line) for line in lines]
    if sorted(found) != sorted(expected) or found[0] != expected[0]:
        raise ValueError(f'in the file only: {sorted(set(found) - set(expected))[:3]}, '
                         f'here only: {sorted(set(expected) - set(found))[:3]}')
    return len(found)


def self_test():
    """Checks philox against Random123's known answer and fma against exact rationals."""
    words = philox((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0))
    assert [int(word) for word in words[0]] == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]
    generator = random.Random(1)
    for _ in range(3000):
        a, b = (generator.choice((-1, 1)) * generator.randrange(2 ** 23, 2 ** 24)
                * 2.0 ** generator.randint(-90, 20) for _ in range(2))
        exponent = math.frexp(a * b)[1] + generator.randint(-60, 40)
        c = (generator.choice((-1, 1)) * 2.0 ** max(-149, min(100, exponent))
             * generator.choice((2 ** 23, 2 ** 23 + 1, generator.randrange(2 ** 23, 2 ** 24))))
        assert fma(a, b, c) == round_to_float(Fraction(a) * Fraction(b) + Fraction(c)), (a, b, c)


def main():
    """Checks every file of the folder."""
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    paths = sorted(folder.glob('*.txt'))
    self_test()
    passed = 0
    for path in paths:
        try:
            print(f'{path.name}: {check(path)} lines match')
            passed += 1
        except (ValueError, LookupError) as problem:
            print(f'{path.name}: FAILED: {problem!r}')
    print(f'{passed} passed, {len(paths) - passed} failed')
    return 0 if paths and passed == len(paths) else 1


if __name__ == '__main__':
    sys.exit(main())
