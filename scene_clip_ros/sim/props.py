"""What stands still beside the road: trees, houses, lamps, signs, rails, tunnel walls."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.sim.camera import NEAR_M
from scene_clip_ros.sim.canvas import Canvas
from scene_clip_ros.sim.meshes import box_mesh, draw_mesh
from scene_clip_ros.sim.road import Segment
from scene_clip_ros.sim.semantics import SemanticClass
from scene_clip_ros.sim.textures import TREE_KINDS, facade_texture, tree_sprite


@dataclass(frozen=True, slots=True)
class Prop:
    """One thing that stands still.

    Attributes:
        kind: What it is; see ``draw_prop``.
        along: Metres along the drive.
        across: Metres right of the ego lane's middle.
        size: Metres: width (or length along the road), height.
        variant: Which individual.
    """

    kind: str
    along: float
    across: float
    size: tuple[float, float]
    variant: int


def make_props(segment: Segment) -> list[Prop]:
    """Furnish a segment, at random by its seed; in order along the drive."""
    rng = np.random.default_rng([segment.seed, 23])
    makers = {
        "highway": _highway_props,
        "city street": _city_props,
        "residential": _residential_props,
        "parking lot": _parking_props,
        "tunnel": _tunnel_props,
    }
    return sorted(makers[segment.kind](segment, rng), key=lambda p: p.along)


def _spots(segment: Segment, gap: tuple[float, float], rng: np.random.Generator) -> list[float]:
    spots, at = [], segment.start + rng.uniform(0, gap[1])
    while at < segment.end:
        spots.append(float(at))
        at += rng.uniform(*gap)
    return spots


def _variant(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 1000))


def _trees(
    segment: Segment,
    rng: np.random.Generator,
    side: float,
    gap: tuple[float, float],
    away: tuple[float, float],
) -> list[Prop]:
    kinds = rng.choice(TREE_KINDS, 2, p=(0.45, 0.2, 0.08, 0.19, 0.08))
    edge = segment.right if side > 0 else -segment.left
    props = []
    for at in _spots(segment, gap, rng):
        kind = str(rng.choice(kinds))
        height = rng.uniform(1.5, 3) if kind == "bush" else rng.uniform(5, 15)
        across = side * (edge + rng.uniform(*away))
        props.append(
            Prop(f"tree:{kind}", at, across, (height * 0.75, height), int(rng.integers(0, 6)))
        )
    return props


def _highway_props(segment: Segment, rng: np.random.Generator) -> list[Prop]:
    props: list[Prop] = []
    for side in (-1.0, 1.0):
        density = rng.choice([8.0, 20.0, 60.0])
        clear = 26.0 if side < 0 else 6.0
        props += _trees(segment, rng, side, (0.4 * density, 1.6 * density), (clear, clear + 30))
    rail = rng.choice(["rail", "concrete", "none"])
    wall = rng.random() < 0.25
    for at in np.arange(segment.start, segment.end, 8.0):
        if rail != "none" or rng.random() < 0.02:
            props.append(
                Prop(
                    "rail" if rail == "none" else str(rail),
                    float(at),
                    segment.right + 0.6,
                    (8.0, 0.8),
                    0,
                )
            )
        props.append(
            Prop(
                "concrete" if segment.seed % 2 else "rail",
                float(at),
                segment.left - 0.5,
                (8.0, 0.9),
                0,
            )
        )
        if wall:
            props.append(
                Prop("sound wall", float(at), segment.right + 5, (8.0, 4.0), segment.seed % 50)
            )
    props += (
        [
            Prop("lamp", at, segment.right + 1.5, (2.2, 10.0), 0)
            for at in _spots(segment, (45, 60), rng)
        ]
        if rng.random() < 0.5
        else []
    )
    props += [
        Prop("gantry", at, 0.0, (segment.right - segment.left, 6.5), _variant(rng))
        for at in _spots(segment, (220, 600), rng)
    ]
    props += [
        Prop("sign:green", at, segment.right + 3, (3.5, 4.5), _variant(rng))
        for at in _spots(segment, (150, 400), rng)
    ]
    props += (
        [
            Prop("pole", at, segment.right + 9, (0.3, 9.0), 0)
            for at in _spots(segment, (40, 55), rng)
        ]
        if rng.random() < 0.4
        else []
    )
    props += [
        Prop("billboard", at, segment.right + 9, (12.0, 11.0), _variant(rng))
        for at in _spots(segment, (300, 900), rng)
    ]
    props += [
        Prop("overpass", at, 0.0, (10.0, 6.0), _variant(rng))
        for at in _spots(segment, (350, 1200), rng)
    ]
    return props


def _city_props(segment: Segment, rng: np.random.Generator) -> list[Prop]:
    props: list[Prop] = []
    for side in (-1.0, 1.0):
        edge = segment.right if side > 0 else -segment.left
        setback, at = rng.uniform(3, 6.5), segment.start - 10
        while at < segment.end:
            length, storeys = rng.uniform(11, 30), int(rng.integers(2, 13))
            props.append(
                Prop(
                    "building",
                    at + length / 2,
                    side * (edge + setback),
                    (length, 3.2 * storeys),
                    _variant(rng),
                )
            )
            at += length + (rng.uniform(5, 14) if rng.random() < 0.12 else 0)
        props += [
            Prop("parked", a, side * (edge - 1.15), (0, 0), _variant(rng))
            for a in _spots(segment, (6, 17), rng)
        ]
        props += [
            Prop("lamp", a, side * (edge + 0.7), (1.8, 7.5), 0)
            for a in _spots(segment, (24, 34), rng)
        ]
        if rng.random() < 0.55:
            props += [
                Prop("tree:broadleaf", a, side * (edge + 1.3), (4.0, 5.5), int(rng.integers(0, 6)))
                for a in _spots(segment, (10, 22), rng)
            ]
        props += [
            Prop("sign:round", a, side * (edge + 0.5), (0.7, 2.6), _variant(rng))
            for a in _spots(segment, (50, 110), rng)
        ]
    for start in segment.crosswalks:
        props += [
            Prop("traffic light", start + 4.2, side * (edge + 0.5), (0.35, 4.6), int(start))
            for side, edge in ((1.0, segment.right), (-1.0, -segment.left))
        ]
    return props


def _residential_props(segment: Segment, rng: np.random.Generator) -> list[Prop]:
    props: list[Prop] = []
    for side in (-1.0, 1.0):
        edge = segment.right if side > 0 else -segment.left
        for at in _spots(segment, (15, 24), rng):
            props.append(
                Prop(
                    "house",
                    at,
                    side * (edge + rng.uniform(8, 14)),
                    (rng.uniform(9, 13), rng.uniform(3.2, 6.2)),
                    _variant(rng),
                )
            )
        props += _trees(segment, rng, side, (7, 22), (3.2, 8.0))
        props += [
            Prop("parked", a, side * (edge - 1.1), (0, 0), _variant(rng))
            for a in _spots(segment, (14, 48), rng)
        ]
        props += [
            Prop("parked", a, side * (edge + rng.uniform(4.5, 6)), (0, 0), _variant(rng))
            for a in _spots(segment, (30, 70), rng)
        ]
        if rng.random() < 0.5:
            props += [
                Prop("fence", float(a), side * (edge + 3.1), (4.0, 1.0), _variant(rng))
                for a in np.arange(segment.start, segment.end, 4.0)
                if rng.random() < 0.6
            ]
    side = float(rng.choice((-1.0, 1.0)))
    edge = segment.right if side > 0 else -segment.left
    props += [
        Prop("lamp", a, side * (edge + 0.8), (1.4, 6.5), 0) for a in _spots(segment, (34, 46), rng)
    ]
    props += [
        Prop("sign:stop", a, segment.right + 0.7, (0.75, 2.5), 0)
        for a in _spots(segment, (130, 260), rng)
    ]
    return props


def _parking_props(segment: Segment, rng: np.random.Generator) -> list[Prop]:
    props: list[Prop] = []
    aisle, full = segment.right, rng.uniform(0.45, 0.95)
    for side in (-1.0, 1.0):
        for row in (aisle + 2.5, aisle + 7.5, 3 * aisle + 12.5, 3 * aisle + 17.5):
            for at in np.arange(np.ceil(segment.start / 2.6) * 2.6, segment.end, 2.6):
                if rng.random() < full:
                    props.append(
                        Prop("parked across", float(at), side * row, (0, 0), _variant(rng))
                    )
        props += [
            Prop("lamp", a, side * (aisle + 5.2), (1.6, 8.0), 0)
            for a in _spots(segment, (26, 36), rng)
        ]
        if rng.random() < 0.6:
            props += [
                Prop("store", a, side * 46.0, (70.0, rng.uniform(5, 9)), _variant(rng))
                for a in _spots(segment, (72, 90), rng)
            ]
        props += _trees(segment, rng, side, (18, 50), (24, 45))
    if rng.random() < 0.7:
        props.append(
            Prop("front store", segment.end + 25, 0.0, (90.0, rng.uniform(6, 10)), _variant(rng))
        )
    return props


def _tunnel_props(segment: Segment, rng: np.random.Generator) -> list[Prop]:
    return []


def draw_prop(canvas: Canvas, prop: Prop, place: tuple[float, float], heading: float) -> None:
    """Draw a prop.

    Args:
        canvas: Where.
        prop: What.
        place: Metres right of and ahead of the camera.
        heading: Radians that the road has turned there.
    """
    kind, _, detail = prop.kind.partition(":")
    if kind == "tree":
        _draw_tree(canvas, prop, detail, place)
    elif kind in ("building", "house", "store", "front store"):
        _draw_building(canvas, prop, place, heading)
    elif kind in ("lamp", "pole", "traffic light"):
        _draw_pole(canvas, prop, place)
    elif kind in ("sign", "gantry", "billboard"):
        _draw_sign(canvas, prop, detail, place)
    else:
        _draw_solid(canvas, prop, place, heading)


def _draw_tree(canvas: Canvas, prop: Prop, kind: str, place: tuple[float, float]) -> None:
    x, z = place
    if z < 2 * NEAR_M:
        return
    foot = canvas.camera.project(np.array([[x, 0.0, z]]))[0]
    scale = canvas.camera.scale_at(z)
    half, tall = prop.size[0] / 2 * scale, prop.size[1] * scale
    box = (float(foot[0] - half), float(foot[1] - tall), float(foot[0] + half), float(foot[1]))
    sprite = tree_sprite(kind, prop.variant)
    if canvas.air.snow_cover > 0.3:
        sprite = sprite.copy()
        height = np.linspace(1, 0, sprite.shape[0], dtype=np.float32)[:, None, None]
        frost = (
            np.float32(0.65 * canvas.air.snow_cover)
            * np.clip(sprite[..., :3].mean(axis=2, keepdims=True) / 90, 0, 1)
            * (0.4 + 0.6 * height)
        )
        sprite[..., :3] += (225 - sprite[..., :3]) * frost
    canvas.paste(sprite, box, np.array((x, 0.0, z)), int(SemanticClass.VEGETATION))


def _draw_building(canvas: Canvas, prop: Prop, place: tuple[float, float], heading: float) -> None:
    length, height = prop.size
    x, z = place
    style = {"building": ("office", "flats")[prop.variant % 2], "house": "house"}.get(
        prop.kind, "shop"
    )
    deep = 9.0 if prop.kind == "house" else 14.0
    if prop.kind == "front store":
        _draw_wall(
            canvas, style, prop.variant, (x - length / 2, z), (x + length / 2, z), height, 0.7
        )
        return
    side = np.sign(x) or 1.0
    cos, sin = float(np.cos(heading)), float(np.sin(heading))
    start, end = (
        (x - sin * length / 2, z - cos * length / 2),
        (x + sin * length / 2, z + cos * length / 2),
    )
    back = (start[0] + side * deep * cos, start[1] - side * deep * sin)
    if start[1] > NEAR_M:
        ends = (start, back) if side > 0 else (back, start)
        _draw_wall(canvas, style, prop.variant, ends[0], ends[1], height, 0.5)
        if prop.kind == "house":
            _draw_gable(canvas, ends, height, prop.variant)
    _draw_wall(canvas, style, prop.variant, start, end, height, 0.85)
    if prop.kind == "house":
        _draw_roof(
            canvas,
            start,
            end,
            (side * deep / 2 * cos, -side * deep / 2 * sin),
            height,
            prop.variant,
        )


def _draw_wall(
    canvas: Canvas,
    style: str,
    variant: int,
    a: tuple[float, float],
    b: tuple[float, float],
    height: float,
    facing: float,
) -> None:
    if max(a[1], b[1]) < NEAR_M * 2:
        return
    a, b = _clip_near(a, b), _clip_near(b, a)
    length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
    texture = facade_texture(style, variant % 24)
    across, storeys = max(1, round(length / 4.5)), max(1, round(height / 3.2))
    tiles = [np.tile(_relit(texture, variant + k), (1, across, 1)) for k in range(storeys)]
    if style in ("office", "flats") and variant % 3:
        shop = np.tile(facade_texture("shop", variant % 24), (1, across, 1))
        tiles[-1] = shop
    wall = np.concatenate(tiles, axis=0)
    corners = np.array(
        [(a[0], height, a[1]), (b[0], height, b[1]), (b[0], 0, b[1]), (a[0], 0, a[1])]
    )
    if _clockwise(canvas.camera.project(corners)) < 0:
        corners = corners[[1, 0, 3, 2]]
    uv = canvas.camera.project(corners)
    middle = np.array(((a[0] + b[0]) / 2, 0.0, (a[1] + b[1]) / 2))
    canvas.wall(wall, uv, middle, facing, int(SemanticClass.BUILDING))


def _relit(texture: np.ndarray, variant: int) -> np.ndarray:
    if variant * 7919 % 5 < 3:
        return texture
    dark = texture.copy()
    dark[..., 3] = 0
    return dark


def _clockwise(uv: np.ndarray) -> float:
    x, y = uv[:, 0], uv[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _clip_near(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    near = 2 * NEAR_M
    if a[1] >= near:
        return a
    share = (near - a[1]) / max(b[1] - a[1], 1e-6)
    return a[0] + (b[0] - a[0]) * share, near


def _roof_colour(variant: int) -> tuple[float, float, float]:
    return ((122.0, 72.0, 54.0), (86.0, 84.0, 88.0), (104.0, 90.0, 74.0))[variant % 3]


def _draw_roof(
    canvas: Canvas,
    a: tuple[float, float],
    b: tuple[float, float],
    inward: tuple[float, float],
    height: float,
    variant: int,
) -> None:
    if max(a[1], b[1]) < NEAR_M * 2:
        return
    a, b = _clip_near(a, b), _clip_near(b, a)
    ridge = height + 2.4
    corners = np.array(
        [
            (a[0], height - 0.1, a[1]),
            (a[0] + inward[0], ridge, a[1] + inward[1]),
            (b[0] + inward[0], ridge, b[1] + inward[1]),
            (b[0], height - 0.1, b[1]),
        ]
    )
    colour = (228.0, 232.0, 240.0) if canvas.air.snow_cover > 0.4 else _roof_colour(variant)
    canvas.fill(
        canvas.camera.project(corners),
        canvas.seen(colour, corners.mean(axis=0), 0.9),
        int(SemanticClass.BUILDING),
    )


def _draw_gable(
    canvas: Canvas,
    ends: tuple[tuple[float, float], tuple[float, float]],
    height: float,
    variant: int,
) -> None:
    (ax, az), (bx, bz) = ends
    corners = np.array(
        [(ax, height, az), ((ax + bx) / 2, height + 2.4, (az + bz) / 2), (bx, height, bz)]
    )
    colour = facade_texture("house", variant % 24)[60, 2, :3]
    canvas.fill(
        canvas.camera.project(corners),
        canvas.seen(list(map(float, colour)), corners.mean(axis=0), 0.5),
        int(SemanticClass.BUILDING),
    )


def _draw_pole(canvas: Canvas, prop: Prop, place: tuple[float, float]) -> None:
    x, z = place
    if z < 2 * NEAR_M:
        return
    tall, scale = prop.size[1], canvas.camera.scale_at(z)
    at = np.array((x, 0.0, z))
    foot, top = canvas.camera.project(np.array([(x, 0.0, z), (x, tall, z)]))
    grey = canvas.seen((92, 80, 66) if prop.kind == "pole" else (112, 114, 118), at, 0.7)
    canvas.stroke(
        np.stack([foot, top]),
        grey,
        int(SemanticClass.POLE),
        (0.28 if prop.kind == "pole" else 0.15) * scale,
    )
    if prop.kind == "pole":
        bars = canvas.camera.project(np.array([(x - 1.1, tall - 0.8, z), (x + 1.1, tall - 0.8, z)]))
        canvas.stroke(bars, grey, int(SemanticClass.POLE), 0.16 * scale)
    elif prop.kind == "lamp":
        _draw_lamp_head(canvas, x, z, tall, prop.size[0])
    else:
        _draw_signal(canvas, x, z, tall, prop.variant)


def _draw_lamp_head(canvas: Canvas, x: float, z: float, tall: float, reach: float) -> None:
    arm = -np.sign(x) * reach
    uv = canvas.camera.project(np.array([(x, tall, z), (x + arm, tall + 0.2, z)]))
    scale = canvas.camera.scale_at(z)
    canvas.stroke(
        uv,
        canvas.seen((112, 114, 118), np.array((x, tall, z)), 0.7),
        int(SemanticClass.POLE),
        0.12 * scale,
    )
    lit = canvas.air.lamps > 0.4 and canvas.air.ambient.mean() < 0.5
    head = (255, 226, 170) if lit else canvas.seen((168, 170, 172), np.array((x, tall, z)), 0.8)
    canvas.ellipse(uv[1], (0.35 * scale, 0.13 * scale), head, int(SemanticClass.POLE))
    if lit:
        canvas.shine(
            uv[1],
            0.8 * scale,
            (230 * canvas.air.lamps, 178 * canvas.air.lamps, 105 * canvas.air.lamps),
            z,
        )


def _draw_signal(canvas: Canvas, x: float, z: float, tall: float, variant: int) -> None:
    scale = canvas.camera.scale_at(z)
    arm = -np.sign(x) * 2.4
    tips = canvas.camera.project(np.array([(x, tall + 0.7, z), (x + arm, tall + 0.7, z)]))
    canvas.stroke(
        tips,
        canvas.seen((90, 92, 94), np.array((x, tall, z)), 0.7),
        int(SemanticClass.POLE),
        0.12 * scale,
    )
    lit = variant % 3
    for head_x, head_y in ((x, tall - 1.2), (x + arm, tall + 0.35)):
        u, v = canvas.camera.project(np.array([(head_x, head_y, z)]))[0]
        w, h = 0.19 * scale, 0.52 * scale
        case = np.array([(u - w, v - h), (u + w, v - h), (u + w, v + h), (u - w, v + h)])
        canvas.fill(
            case, canvas.seen((36, 36, 34), np.array((x, tall, z)), 0.7), int(SemanticClass.SIGN)
        )
        for i, colour in enumerate(((255, 48, 36), (255, 186, 40), (60, 235, 130))):
            bulb = np.array((u, v + (i - 1) * 0.33 * scale))
            dim = tuple(int(c * 0.22) for c in colour)
            canvas.ellipse(
                bulb,
                (0.12 * scale, 0.12 * scale),
                colour if i == lit else dim,
                int(SemanticClass.SIGN),
            )
            if i == lit:
                canvas.shine(
                    bulb, 0.3 * scale, [c * (0.25 + 0.6 * canvas.air.lamps) for c in colour], z
                )


def _draw_sign(canvas: Canvas, prop: Prop, detail: str, place: tuple[float, float]) -> None:
    x, z = place
    if z < 2 * NEAR_M:
        return
    scale, at = canvas.camera.scale_at(z), np.array((x, 3.0, z))
    if prop.kind == "gantry":
        _draw_gantry(canvas, prop, x, z)
        return
    width, tall = prop.size
    grey = canvas.seen((130, 132, 134), at, 0.7)
    foot, top = canvas.camera.project(np.array([(x, 0.0, z), (x, tall, z)]))
    canvas.stroke(
        np.stack([foot, top]),
        grey,
        int(SemanticClass.POLE),
        (0.9 if prop.kind == "billboard" else 0.09) * scale,
    )
    face = {
        "green": (0.5, (24, 112, 72)),
        "round": (1.0, (240, 240, 238)),
        "stop": (1.0, (196, 28, 34)),
    }
    aspect, colour = face.get(detail, (0.35, _paint(prop.variant)))
    half, high = width / 2 * scale, width * aspect / 2 * scale
    turn = {"round": 18, "stop": 8}.get(detail, 4)
    angles = np.linspace(0, 2 * np.pi, turn, endpoint=False) + np.pi / turn
    stretch = 1 / np.cos(np.pi / turn) if turn < 10 else 1.0
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * stretch
    middle = top + (0, high)
    canvas.fill(
        middle + ring * (half * 1.06, high * 1.06),
        canvas.seen((238, 238, 236), at, 1.0),
        int(SemanticClass.SIGN),
    )
    edge = (200, 26, 30) if detail == "round" else colour
    canvas.fill(middle + ring * (half, high), canvas.seen(edge, at, 1.0), int(SemanticClass.SIGN))
    if detail == "round":
        canvas.fill(
            middle + ring * (half * 0.74, high * 0.74),
            canvas.seen((242, 242, 240), at, 1.0),
            int(SemanticClass.SIGN),
        )
    text = {"stop": "STOP", "round": str(30 + 10 * (prop.variant % 6)), "green": "EXIT"}.get(
        detail, ""
    )
    _write(
        canvas,
        text,
        middle,
        half * (1.2 if detail == "stop" else 0.9),
        (20, 20, 22) if detail == "round" else (245, 245, 245),
    )


def _paint(variant: int) -> tuple[float, float, float]:
    rng = np.random.default_rng([variant, 9])
    r, g, b = rng.uniform(40, 225, 3)
    return float(r), float(g), float(b)


def _draw_gantry(canvas: Canvas, prop: Prop, x: float, z: float) -> None:
    wide, tall = prop.size
    scale, at = canvas.camera.scale_at(z), np.array((x, tall, z))
    grey = canvas.seen((136, 138, 140), at, 0.7)
    corners = [
        (x - wide / 2 - 1, 0.0, z),
        (x - wide / 2 - 1, tall, z),
        (x + wide / 2 + 1, tall, z),
        (x + wide / 2 + 1, 0.0, z),
    ]
    canvas.stroke(
        canvas.camera.project(np.array(corners)), grey, int(SemanticClass.POLE), 0.3 * scale
    )
    for k in range(1 + prop.variant % 2):
        left = x - wide / 2 + 0.5 + k * wide / 2
        face = np.array(
            [
                (left, tall + 0.6, z),
                (left + wide * 0.42, tall + 0.6, z),
                (left + wide * 0.42, tall - 1.6, z),
                (left, tall - 1.6, z),
            ]
        )
        uv = canvas.camera.project(face)
        canvas.fill(uv, canvas.seen((22, 104, 66), at, 1.0), int(SemanticClass.SIGN))
        _write(
            canvas,
            ("NORTH", "AIRPORT", "CENTER", "EXIT 12")[(prop.variant + k) % 4],
            uv.mean(axis=0),
            wide * 0.16 * scale,
            (242, 242, 242),
        )


def _write(
    canvas: Canvas, text: str, middle: np.ndarray, half_px: float, colour: tuple[int, int, int]
) -> None:
    if not text or half_px < 5 or not (-4000 < middle[0] < 12000 and -4000 < middle[1] < 12000):
        return
    font = cv2.FONT_HERSHEY_DUPLEX
    (w, h), _ = cv2.getTextSize(text, font, 1.0, 2)
    size = 2 * half_px / w * 0.8
    origin = (int(middle[0] - w * size / 2), int(middle[1] + h * size / 2))
    light = np.clip(
        canvas.air.ambient.mean() + canvas.air.sun.mean() + 0.35 * canvas.air.headlights, 0.1, 1
    )
    final = tuple(int(c * light) for c in colour)
    cv2.putText(canvas.rgb, text, origin, font, size, final, max(1, round(size * 2)), cv2.LINE_AA)


def _draw_solid(canvas: Canvas, prop: Prop, place: tuple[float, float], heading: float) -> None:
    length, height = prop.size
    table = {
        "rail": (0.12, 0.32, 0.45, (166.0, 168.0, 170.0), SemanticClass.STRUCTURE),
        "concrete": (0.5, 0.85, 0.0, (172.0, 168.0, 158.0), SemanticClass.STRUCTURE),
        "sound wall": (0.4, height, 0.0, (158.0, 142.0, 122.0), SemanticClass.STRUCTURE),
        "fence": (
            0.08,
            height,
            0.0,
            (214.0, 210.0, 202.0) if prop.variant % 2 else (128.0, 98.0, 70.0),
            SemanticClass.STRUCTURE,
        ),
    }
    if prop.kind == "overpass":
        deck = box_mesh(90.0, 1.6, length, (150.0, 146.0, 138.0), lift=height)
        draw_mesh(canvas, deck, place, heading, int(SemanticClass.STRUCTURE))
        return
    thick, tall, lift, colour, ident = table[prop.kind]
    draw_mesh(canvas, box_mesh(thick, tall, length, colour, lift=lift), place, heading, int(ident))
