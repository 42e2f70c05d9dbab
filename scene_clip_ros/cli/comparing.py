"""Compares texts and pictures for ``scene-clip similarity``, draws and prints what came of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scene_clip_ros.cli.named_pictures import MAX_PICTURES, NamedPictures, embed_pictures
from scene_clip_ros.cli.page_file import save_page
from scene_clip_ros.cli.sheet_of_texts import label_pictures, sheet_note
from scene_clip_ros.cli.similarity import computed_kinds, output_names
from scene_clip_ros.core.prompts import expand, pool
from scene_clip_ros.core.similarity import SimilarityMatrices, most_images, text_probabilities
from scene_clip_ros.core.similarity_kind import SimilarityKind
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.report.heat_layout import MAX_SIDE, Items
from scene_clip_ros.report.heat_map import draw_heat_map
from scene_clip_ros.report.label_sheet import draw_label_sheet
from scene_clip_ros.report.page import Page
from scene_clip_ros.report.table import format_table

TITLES: dict[SimilarityKind, str] = {
    "text-text": "Texts and texts",
    "image-image": "Pictures and pictures",
    "image-text": "Pictures and texts",
}


def compare(
    encoder: Encoder,
    args: argparse.Namespace,
    kinds: Sequence[SimilarityKind],
    *,
    templates: Sequence[str] = (),
) -> None:
    """Compare, draw and print.

    Args:
        encoder: Embeds.
        args: Of ``scene-clip similarity``, checked.
        kinds: What to draw.
        templates: Sentences that each text is put into; none: it is taken as it is.

    Raises:
        ParameterError: There are too many pictures.
        SourceError: A recording cannot be read, or an output not be written.
        ImageError: A picture is damaged.
    """
    computed = computed_kinds(args, kinds)
    most = min(MAX_PICTURES, most_images(*computed, texts=len(args.texts)))
    is_drawn = args.output is not None and tuple(kinds) != ("text-text",)
    pictures = embed_pictures(
        encoder,
        args.images,
        every_s=args.every,
        cameras=args.camera,
        thumbnails=MAX_SIDE if is_drawn or args.sheet is not None else 0,
        most=min(most, MAX_SIDE) if is_drawn else most,
    )
    texts = embed_texts(encoder, args.texts, templates)
    matrices = SimilarityMatrices.of(pictures.embeddings, texts, kinds=computed)
    written: list[Path] = []
    if args.output is not None:
        for kind, path in output_names(args.output, kinds).items():
            save_page(path, draw(kind, matrices, pictures, encoder=encoder, texts=args.texts))
            written.append(path)
    if args.sheet is not None:
        save_page(args.sheet, draw_sheet(matrices, pictures, encoder=encoder, args=args))
        written.append(args.sheet)
    if args.json:
        print(to_json(matrices, pictures, encoder=encoder, texts=args.texts))
    elif written:
        print("\n".join(map(str, written)))
    else:
        print("\n\n".join(to_table(kind, matrices, pictures, args.texts) for kind in kinds))


def embed_texts(encoder: Encoder, texts: Sequence[str], templates: Sequence[str]) -> FloatArray:
    """Return ``(T, D)`` float32, rows of unit length."""
    if not (templates and texts):
        return encoder.encode_texts(texts)
    return np.stack([pool(encoder.encode_texts(expand([text], templates))) for text in texts])


def draw(
    kind: SimilarityKind,
    matrices: SimilarityMatrices,
    pictures: NamedPictures,
    *,
    encoder: Encoder,
    texts: Sequence[str],
) -> Page:
    """Draw one of the matrices."""
    items = {
        "text": Items(tuple(texts)),
        "image": Items(pictures.names, pictures.thumbnails[: len(pictures.names)]),
    }
    row, column = kind.split("-")
    is_mixed = row != column
    legend = "outlined: the best text of each picture" if is_mixed else "grey: each with itself"
    return draw_heat_map(
        matrices.matrix(kind),
        rows=items[row],
        columns=items[column],
        title=TITLES[kind],
        note=f"{legend}  |  model {encoder.info.model_id}",
        best_of_each="row" if is_mixed else None,
        skip_diagonal=not is_mixed,
    )


def draw_sheet(
    matrices: SimilarityMatrices,
    pictures: NamedPictures,
    *,
    encoder: Encoder,
    args: argparse.Namespace,
) -> Page:
    """Draw the pictures with their best texts."""
    scale = encoder.info.logit_scale
    shown = label_pictures(
        pictures, args.texts, matrices.image_text, logit_scale=scale, top=args.top
    )
    note = sheet_note(len(pictures.names), len(args.texts), encoder=encoder)
    return draw_label_sheet(shown, title="Pictures and their texts", note=note)


def to_json(
    matrices: SimilarityMatrices,
    pictures: NamedPictures,
    *,
    encoder: Encoder,
    texts: Sequence[str],
) -> str:
    """Return what was compared as JSON; matrices without rows or columns are null."""
    scale = encoder.info.logit_scale
    probabilities = text_probabilities(matrices.image_text, logit_scale=scale)
    tables = {
        "text_text": matrices.text_text,
        "image_text": matrices.image_text,
        "image_image": matrices.image_image,
        "image_text_probability": probabilities,
    }
    return json.dumps(
        {
            "model": encoder.info.model_id,
            "texts": list(texts),
            "images": list(pictures.names),
            **{name: table.tolist() if table.size else None for name, table in tables.items()},
        },
        ensure_ascii=False,
    )


def to_table(
    kind: SimilarityKind,
    matrices: SimilarityMatrices,
    pictures: NamedPictures,
    texts: Sequence[str],
) -> str:
    """Lay a matrix out for a terminal, the columns by number."""
    names = {"text": texts, "image": pictures.names}
    row, column = kind.split("-")
    numbered = [f"[{number}] {name}" for number, name in enumerate(names[column], start=1)]
    heads = [f"[{number}]" for number in range(1, len(numbered) + 1)]
    rows = [
        (name, *(f"{value:.3f}" for value in values))
        for name, values in zip(names[row], matrices.matrix(kind), strict=True)
    ]
    legend = [] if row == column else [*numbered, ""]
    titled = [f"[{number}] {cells[0]}" for number, cells in enumerate(rows, start=1)]
    if row == column:
        rows = [(title, *cells[1:]) for title, cells in zip(titled, rows, strict=True)]
    return "\n".join([*legend, format_table(rows, header=(TITLES[kind], *heads))])
