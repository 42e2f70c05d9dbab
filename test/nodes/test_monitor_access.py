"""Who may open the live page."""

from __future__ import annotations

import pytest

from scene_clip_ros.nodes.monitor_access import Access, is_loopback

LOCAL = Access.of("127.0.0.1", token="", allowed_hosts=["Vehicle.example"])
OPEN = Access.of("0.0.0.0", token="", allowed_hosts=[])


def status(access: Access, *, needs_origin: bool = True, **headers: str) -> int:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    refusal = access.refusal(given, needs_origin=needs_origin)
    return 0 if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.7", False),
        ("vehicle", False),
    ],
)
def test_loopback_addresses_are_known(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "local", "remote"),
    [
        ("127.0.0.1:8642", 0, 0),
        ("[::1]:8642", 0, 0),
        ("localhost", 0, 0),
        ("LOCALHOST:1", 0, 0),
        ("vehicle.example:80", 0, 403),
        ("192.168.0.7:8642", 403, 0),
        ("evil.example:8642", 403, 403),
        ("localhost.evil.example", 403, 403),
        ("127.0.0.1.evil.example", 403, 403),
        ("[::1", 403, 403),
        ("", 403, 403),
    ],
)
def test_only_our_names_and_numeric_addresses_are_answered(
    host: str, local: int, remote: int
) -> None:
    assert (status(LOCAL, Host=host), status(OPEN, Host=host)) == (local, remote)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://127.0.0.1:8642", 0),
        ("https://127.0.0.1:8642", 0),
        ("http://localhost:8642", 403),
        ("http://127.0.0.1:80", 403),
        ("http://evil.example", 403),
        ("file://127.0.0.1:8642", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_requests_come_from_the_page_itself(origin: str, expected: int) -> None:
    host = "127.0.0.1:8642"

    assert status(LOCAL, Host=host, Origin=origin) == expected
    assert status(LOCAL, Host=host, Origin=origin, needs_origin=False) == 0


@pytest.mark.parametrize(
    ("site", "expected"),
    [("same-origin", 0), ("none", 0), ("same-site", 403), ("cross-site", 403)],
)
def test_browsers_say_when_another_site_asks(site: str, expected: int) -> None:
    assert status(LOCAL, Host="localhost", Sec_Fetch_Site=site) == expected


def test_a_page_of_this_machine_needs_no_token() -> None:
    assert LOCAL.token == ""
    assert LOCAL.admits([])


def test_a_page_for_others_makes_up_a_token_that_differs_every_time() -> None:
    other = Access.of("0.0.0.0", token="", allowed_hosts=[])

    assert len(OPEN.token) >= 32
    assert OPEN.token != other.token
    assert OPEN.admits(["", OPEN.token])
    assert not OPEN.admits([other.token, "", OPEN.token[:-1], OPEN.token + "x", "ü\udc80"])
    assert not OPEN.admits([])


def test_a_token_that_was_given_holds_on_this_machine_too() -> None:
    access = Access.of("127.0.0.1", token="sixteen-letters-", allowed_hosts=[])

    assert access.admits(["sixteen-letters-"])
    assert not access.admits([""])
