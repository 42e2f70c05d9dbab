"""Matches pictures with captions for ``scene-clip match``, and tells how well."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.cli.named_pictures import MAX_PICTURES as MOST_PICTURES
from scene_clip_ros.cli.named_pictures import NamedPictures, embed_pictures
from scene_clip_ros.cli.page_file import save_page
from scene_clip_ros.cli.sheet_of_texts import label_pictures, sheet_note
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.matching import Recall, measure_recall, rank_columns
from scene_clip_ros.core.similarity import (
    MAX_CELLS,
    cosine_matrix,
    most_images,
    text_probabilities,
)
from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.media.captions import Captions
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.report.label_sheet import MAX_PICTURES, draw_label_sheet
from scene_clip_ros.report.table import format_percent, format_table

TEXT_BATCH = 256


@dataclass(frozen=True, slots=True)
class Matches:
    """What came of it.

    Attributes:
        images: Names of I pictures.
        captions: T texts.
        cosines: ``(I, T)``.
        probabilities: ``(I, T)``, softmax over the texts.
        image_to_text: How often a picture finds its caption; None if nobody knows which that is.
        text_to_image: How often a caption finds its picture; None likewise.
    """

    images: tuple[str, ...]
    captions: tuple[str, ...]
    cosines: Float64Array
    probabilities: Float64Array
    image_to_text: Recall | None
    text_to_image: Recall | None


def match(encoder: Encoder, args: argparse.Namespace, captions: Captions) -> None:
    """Match, print, and draw if that was asked for.

    Args:
        encoder: Embeds.
        args: Of ``scene-clip match``, checked.
        captions: Texts, and perhaps whose they are.

    Raises:
        ParameterError: There are too many pictures and captions, or the file names other pictures.
        SourceError: The pictures cannot be read, or the sheet not be written.
        ImageError: A picture is damaged.
    """
    pictures = embed_pictures(
        encoder,
        [args.images],
        every_s=args.every,
        cameras=args.camera,
        thumbnails=MAX_PICTURES if args.sheet is not None else 0,
        most=min(MOST_PICTURES, most_images("image-text", texts=len(captions.texts))),
    )
    matches = find_matches(encoder, pictures, captions)
    if args.sheet is not None:
        scale = encoder.info.logit_scale
        shown = label_pictures(
            pictures, captions.texts, matches.cosines, logit_scale=scale, top=args.top
        )
        note = sheet_note(len(pictures.names), len(captions.texts), encoder=encoder)
        title = f"Pictures of {Path(args.images).name} and their captions"
        save_page(args.sheet, draw_label_sheet(shown, title=title, note=note))
    print(to_json(matches, top=args.top) if args.json else to_text(matches, top=args.top))


def find_matches(encoder: Encoder, pictures: NamedPictures, captions: Captions) -> Matches:
    """Compare every picture with every caption.

    Raises:
        ParameterError: There are too many, or the captions are of other pictures.
    """
    count = len(pictures.names) * len(captions.texts)
    if count > MAX_CELLS:
        message = f"expected at most {MAX_CELLS} pairs of picture and caption, got {count}"
        raise ParameterError(message)
    starts = range(0, len(captions.texts), TEXT_BATCH)
    batches = [encoder.encode_texts(captions.texts[start : start + TEXT_BATCH]) for start in starts]
    cosines = cosine_matrix(pictures.embeddings, np.concatenate(batches))
    is_right = _truth(pictures.names, captions) if captions.names_images else None
    return Matches(
        images=pictures.names,
        captions=captions.texts,
        cosines=cosines,
        probabilities=text_probabilities(cosines, logit_scale=encoder.info.logit_scale),
        image_to_text=None if is_right is None else measure_recall(cosines, is_right),
        text_to_image=None if is_right is None else measure_recall(cosines.T, is_right.T),
    )


def to_json(matches: Matches, *, top: int) -> str:
    """Return the best of both as JSON."""
    by_image = rank_columns(matches.cosines, top=top).tolist()
    by_text = rank_columns(matches.cosines.T, top=top).tolist()
    return json.dumps(
        {
            "images": [
                {
                    "image": matches.images[row],
                    "captions": [
                        {
                            "caption": matches.captions[column],
                            "cosine": float(matches.cosines[row, column]),
                            "probability": float(matches.probabilities[row, column]),
                        }
                        for column in best
                    ],
                }
                for row, best in enumerate(by_image)
            ],
            "captions": [
                {
                    "caption": matches.captions[column],
                    "images": [
                        {
                            "image": matches.images[row],
                            "cosine": float(matches.cosines[row, column]),
                        }
                        for row in best
                    ],
                }
                for column, best in enumerate(by_text)
            ],
            "recall": _recall_record(matches),
        },
        indent=2,
        ensure_ascii=False,
    )


def to_text(matches: Matches, *, top: int) -> str:
    """Lay both rankings out for a terminal, and the recall if it is known."""
    by_image = _table(matches.images, matches.captions, matches.cosines, top=top)
    by_text = _table(matches.captions, matches.images, matches.cosines.T, top=top)
    parts = ["captions of each picture", by_image, "", "pictures of each caption", by_text]
    return "\n".join([*parts, *_recall_lines(matches)])


def _table(asked: Sequence[str], found: Sequence[str], cosines: Float64Array, *, top: int) -> str:
    rows = [
        (name if place == 0 else "", f"{cosines[row, column]:.3f}", found[column])
        for row, (name, best) in enumerate(
            zip(asked, rank_columns(cosines, top=top).tolist(), strict=True)
        )
        for place, column in enumerate(best)
    ]
    return format_table(rows, header=("", "cosine", "best first"))


def _truth(names: Sequence[str], captions: Captions) -> BoolArray:
    """Return ``(I, T)``, which captions are of which pictures.

    Raises:
        ParameterError: None is of any of these pictures.
    """
    is_right = np.zeros((len(names), len(captions.texts)), np.bool_)
    for column, wanted in enumerate(captions.image_names):
        is_right[:, column] = [name in wanted for name in names]
    if not is_right.any():
        known = ", ".join(sorted(set().union(*captions.image_names))[:3])
        message = f"expected captions of pictures such as {names[0]}, got those of {known}"
        raise ParameterError(message)
    strange = int((~is_right.any(axis=0)).sum())
    if strange:
        print(f"{PROGRAM}: warning: {strange} captions are of no picture here", file=sys.stderr)
    return is_right


def _recall_record(matches: Matches) -> dict[str, dict[str, float]] | None:
    if matches.image_to_text is None or matches.text_to_image is None:
        return None
    both = {"image_to_text": matches.image_to_text, "text_to_image": matches.text_to_image}
    return {way: {str(k): share for k, share in found.at.items()} for way, found in both.items()}


def _recall_lines(matches: Matches) -> list[str]:
    if matches.image_to_text is None or matches.text_to_image is None:
        return []
    both = (
        ("captions of pictures", matches.image_to_text),
        ("pictures of captions", matches.text_to_image),
    )
    rows = [(way, f"{found.asked}", *map(format_percent, found.at.values())) for way, found in both]
    heads = ("", "asked", *(f"recall@{k}" for k in matches.image_to_text.at))
    return ["", format_table(rows, header=heads)]
