"""Between the messages of ``query_frames`` and records: no decisions."""

from __future__ import annotations

import array

from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter, FrameHit, SearchOutcome
from scene_clip_ros.msg import FrameHit as FrameHitMessage
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.stamps import stamp_ns, time_message
from scene_clip_ros.srv import QueryFrames


def question_from_request(request: QueryFrames.Request) -> FrameQuestion:
    """Return what is asked for.

    Raises:
        ParameterError: It cannot be looked for, or is out of range.
    """
    texts = (request.text, *request.texts) if request.text else tuple(request.texts)
    return FrameQuestion(
        texts=texts,
        image=b"" if texts else request.image.data.tobytes(),
        frame_filter=FrameFilter(
            cameras=tuple(request.cameras),
            end_ns=stamp_ns(request.end) or None,
            window_s=request.window_s,
            min_score=request.min_score,
            min_gap_s=request.min_gap_s,
            top_k=request.top_k,
        ),
        thumbnails=request.thumbnails,
    )


def request_of(question: FrameQuestion) -> QueryFrames.Request:
    """Return the request that asks for it."""
    wanted = question.frame_filter
    return QueryFrames.Request(
        texts=list(question.texts),
        image=CompressedImage(data=array.array("B", question.image)),
        end=time_message(wanted.end_ns or 0),
        window_s=wanted.window_s,
        cameras=list(wanted.cameras),
        top_k=wanted.top_k,
        min_score=wanted.min_score,
        min_gap_s=wanted.min_gap_s,
        thumbnails=question.thumbnails,
    )


def response_of(outcome: SearchOutcome, *, thumbnails: bool) -> QueryFrames.Response:
    """Return the response that tells what was found."""
    return QueryFrames.Response(
        success=True,
        message=outcome.message,
        nothing_matches=bool(outcome.message),
        hits=[hit_message(hit, thumbnail=thumbnails) for hit in outcome.hits],
        searched=outcome.searched,
        mean=outcome.mean,
        deviation=outcome.deviation,
    )


def outcome_from_response(response: QueryFrames.Response) -> SearchOutcome:
    """Return what a response tells."""
    return SearchOutcome(
        hits=tuple(map(hit_from_message, response.hits)),
        searched=response.searched,
        mean=response.mean,
        deviation=response.deviation,
        message=response.message,
    )


def hit_message(hit: FrameHit, *, thumbnail: bool) -> FrameHitMessage:
    """Return the message of a hit, with its thumbnail if that is wanted and was kept."""
    header = Header(stamp=time_message(hit.stamp_ns), frame_id=hit.frame.frame_id)
    message = FrameHitMessage(header=header, camera=hit.camera, score=hit.score, z=hit.z)
    if thumbnail and hit.frame.thumbnail:
        message.thumbnail = CompressedImage(
            header=header,
            format="rgb8; jpeg compressed bgr8",
            data=array.array("B", hit.frame.thumbnail),
        )
    return message


def hit_from_message(message: FrameHitMessage) -> FrameHit:
    """Return what a message tells of a hit."""
    return FrameHit(
        score=message.score,
        z=message.z,
        frame=StoredFrame(
            camera=message.camera,
            stamp_ns=stamp_ns(message.header.stamp),
            frame_id=message.header.frame_id,
            thumbnail=message.thumbnail.data.tobytes(),
        ),
    )
