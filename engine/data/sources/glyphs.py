"""How the ten digits are written: for each a few shapes, as pen strokes through points of the unit square.

A stroke is a smooth curve (Catmull–Rom) through its points, which are written as ‘x,y’ in hundredths, x to the right
and y down; ‘!’ marks a corner, a point that stands twice.
"""

from __future__ import annotations

Stroke = tuple[tuple[float, float], ...]
Glyph = tuple[Stroke, ...]


def _glyph(*strokes: str) -> Glyph:
    return tuple(_stroke(text) for text in strokes)


def _stroke(text: str) -> Stroke:
    points = list[tuple[float, float]]()
    for word in text.split():
        x, y = word.rstrip("!").split(",")
        points += [(int(x) / 100, int(y) / 100)] * (2 if word.endswith("!") else 1)
    return tuple(points)


GLYPHS: tuple[tuple[Glyph, ...], ...] = (
    (  # 0: closed; narrow; begun at the right with a small overlap
        _glyph("50,9 30,30 24,54 32,80 50,91 69,79 76,52 68,22 50,9"),
        _glyph("52,8 37,28 34,58 44,90 60,78 66,45 60,16 50,8"),
        _glyph("62,16 44,12 30,30 24,54 32,80 50,91 69,79 76,52 68,22 52,10 40,20"),
    ),
    (  # 1: a line; with a flag; with a flag and a foot
        _glyph("52,8 50,50 49,92"),
        _glyph("33,30 44,20 54,8! 54,50 53,92"),
        _glyph("32,27 52,9! 51,50 51,90", "30,91 51,90 72,91"),
    ),
    (  # 2: with a corner at the foot; with a loop; swan's neck
        _glyph("27,28 40,11 64,12 71,32 56,57 25,89! 50,88 76,88"),
        _glyph("28,24 46,9 68,17 68,40 50,68 32,87 23,80 33,72 50,83 64,90 79,83"),
        _glyph("26,34 34,14 60,10 73,28 62,52 40,72 26,86! 48,84 60,91 76,84"),
    ),
    (  # 3: two bows with a sharp waist; a flat top; a small loop at the waist
        _glyph("27,18 50,9 69,24 60,43 43,48! 65,54 73,73 54,91 26,83"),
        _glyph("26,11 48,11 71,11! 58,28 46,43! 68,52 72,74 54,91 27,84"),
        _glyph("29,22 44,9 66,17 64,38 46,49 42,44 55,46 72,60 67,83 44,92 25,80"),
    ),
    (  # 4: open; closed; the open one written steeply
        _glyph("36,10 30,35 25,58! 50,58 78,56", "62,30 60,60 59,92"),
        _glyph("60,9 42,35 22,63! 50,63 80,62", "60,9 60,50 60,92"),
        _glyph("30,12 28,34 36,49 54,46 68,40", "70,10 66,45 60,92"),
    ),
    (  # 5: bar last; in one stroke; round all over
        _glyph("34,12 32,28 30,45! 55,40 74,56 70,80 48,92 26,83", "34,12 52,12 74,10"),
        _glyph("74,11 54,11 36,12! 33,30 31,45! 55,40 74,56 70,80 48,92 26,83"),
        _glyph("70,13 48,11 33,22 35,42 55,48 70,62 64,84 44,91 26,82"),
    ),
    (  # 6: a bow into the loop; a straight back; a wide loop
        _glyph("66,10 44,22 30,45 27,66 42,50 64,54 72,74 56,91 36,86 27,66"),
        _glyph("52,7 39,33 27,66 42,50 64,54 72,74 56,91 36,86 27,66"),
        _glyph("72,17 52,10 33,28 25,60 36,87 60,90 74,70 58,53 36,60 28,72"),
    ),
    (  # 7: plain; with a bar; with a hook at the start; bent
        _glyph("24,13 50,13 76,12! 58,48 44,92"),
        _glyph("24,14 50,13 76,12! 58,50 46,92", "36,52 54,51 72,50"),
        _glyph("25,25 27,12! 50,14 75,12! 56,50 42,92"),
        _glyph("25,17 46,10 73,13! 59,36 52,62 52,92"),
    ),
    (  # 8: in one stroke from the right; from the middle; two rings
        _glyph("67,19 50,9 33,22 42,40 61,53 70,73 52,91 31,76 41,53 62,38 67,19"),
        _glyph("50,48 33,35 38,14 58,9 69,25 54,45 34,62 32,84 54,92 70,78 66,58 50,48"),
        _glyph("50,9 34,18 35,38 50,46 65,38 66,18 50,9", "50,46 31,58 31,82 50,92 70,82 69,58 50,46"),
    ),
    (  # 9: a straight stem; a bent one; a hook; all in one bow
        _glyph("70,24 52,10 32,20 30,40 48,52 66,42 71,24 70,55 68,92"),
        _glyph("70,24 52,10 32,20 30,40 48,52 66,42 71,24 69,52 58,76 42,93"),
        _glyph("70,24 52,10 32,20 30,40 48,52 66,42 71,24 72,60 64,86 44,93 29,82"),
        _glyph("68,16 44,10 30,28 38,48 58,46 69,26 70,14! 66,52 64,92"),
    ),
)
