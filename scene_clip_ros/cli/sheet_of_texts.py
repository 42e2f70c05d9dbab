"""What a sheet of pictures says of them: which texts fit best."""

from __future__ import annotations

from collections.abc import Sequence

from scene_clip_ros.cli.named_pictures import NamedPictures
from scene_clip_ros.core.matching import rank_columns
from scene_clip_ros.core.similarity import text_probabilities
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.report.label_sheet import MAX_PICTURES, FittingText, LabelledPicture


def label_pictures(
    pictures: NamedPictures,
    texts: Sequence[str],
    image_text: Float64Array,
    *,
    logit_scale: float,
    top: int,
) -> list[LabelledPicture]:
    """Return the first pictures with the texts that fit them best.

    Args:
        pictures: I of them.
        texts: T of them.
        image_text: ``(I, T)`` cosines.
        logit_scale: Multiplier of a cosine before the softmax over the texts, > 0.
        top: Texts of each picture, ≥ 1.
    """
    shown = image_text[:MAX_PICTURES]
    chances = text_probabilities(shown, logit_scale=logit_scale)
    thumbnails = [*pictures.thumbnails[:MAX_PICTURES], *([None] * len(shown))]
    return [
        LabelledPicture(
            pictures.names[row],
            thumbnails[row],
            tuple(
                FittingText(texts[column], float(chances[row, column]), float(shown[row, column]))
                for column in best
            ),
        )
        for row, best in enumerate(rank_columns(shown, top=top).tolist())
    ]


def sheet_note(images: int, texts: int, *, encoder: Encoder) -> str:
    """Return what the figures on a sheet are."""
    left_out = f"first {MAX_PICTURES} of {images} pictures  |  " if images > MAX_PICTURES else ""
    return (
        f"{left_out}bar and percentage: probability that a text is the right one of the {texts}; "
        f"right of it: cosine similarity  |  model {encoder.info.model_id}"
    )
