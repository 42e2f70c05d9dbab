from __future__ import annotations

import weakref

from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.byte_pages import PAGE_BYTES, BytePages, stored_bytes

SIZES = st.lists(
    st.sampled_from([0, 1, 999, PAGE_BYTES // 32, PAGE_BYTES // 32 + 1, 2 * PAGE_BYTES]),
    max_size=100,
)


@given(SIZES)
def test_what_is_written_can_be_read(sizes: list[int]) -> None:
    pages = BytePages()
    strings = [bytes([number % 256]) * size for number, size in enumerate(sizes)]
    places = [pages.write(string) for string in strings]

    read = [
        page[start : start + len(string)].tobytes()
        for (page, start), string in zip(places, strings, strict=True)
    ]

    assert read == strings


def test_small_strings_share_a_page() -> None:
    pages = BytePages()

    assert len({id(pages.write(bytes(1000))[0]) for _ in range(PAGE_BYTES // 1000)}) == 1


def test_page_is_free_when_nobody_refers_to_it() -> None:
    pages = BytePages()
    page, _ = pages.write(bytes(1000))
    is_there = weakref.ref(page)
    while pages.write(bytes(1000))[0] is page:
        pass
    del page

    assert is_there() is None


@given(SIZES)
def test_pages_of_strings_take_no_more_than_is_said(sizes: list[int]) -> None:
    pages = BytePages()
    taken = {id(page): page.nbytes for page in [pages.write(bytes(size))[0] for size in sizes]}

    assert sum(taken.values()) <= sum(map(stored_bytes, sizes)) + PAGE_BYTES
