"""Who may open the live page: token, Host and Origin of a request. Free of ROS and HTTP."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

TOKEN_BYTES = 24
"""Of a token that is made up: 192 random bits."""

_SAME_SITE = {"same-origin", "none"}
"""What ``Sec-Fetch-Site`` says of requests of the page itself, and of a person's own ones."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: an HTTP status and one line for a person."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """Decides by the headers of a request.

    The name in ``Host`` must be one of ours, or a page of somebody else could, with a DNS server
    of his, read ours through the browser of a person ("DNS rebinding"). Numeric addresses cannot
    be rebound. What changes or reads something must come from the page itself.

    Attributes:
        token: Secret that every request must show; empty: none.
        is_loopback: The page is listened for on this machine only.
        names: Names, in lower case, under which browsers may reach it.
    """

    token: str
    is_loopback: bool
    names: frozenset[str]

    @classmethod
    def of(cls, host: str, *, token: str, allowed_hosts: Sequence[str]) -> Access:
        """Return who may open a page that is served at an address.

        Args:
            host: Address that is listened to.
            token: Secret; empty: one is made up unless ``host`` is a loopback address.
            allowed_hosts: More names under which it may be reached.
        """
        local = is_loopback(host)
        names = {"localhost", *map(str.lower, allowed_hosts)}
        if not local:
            machine = socket.gethostname().lower()
            names |= {host.lower(), machine, f"{machine}.local"}
            token = token or secrets.token_urlsafe(TOKEN_BYTES)
        return cls(token, local, frozenset(names))

    def refusal(self, headers: Mapping[str, str], *, needs_origin: bool) -> Refusal | None:
        """Return why a request is refused by where it comes from; None if it is not.

        Args:
            headers: Of the request; found by name in whatever case.
            needs_origin: It is more than the opening of a page, so that whichever page a browser
                names as its origin must be ours.
        """
        host = headers.get("Host", "")
        if not self._is_ours(host):
            return Refusal(
                403,
                f"expected a Host that is an address of this machine, got {host[:80]!r}; "
                "the parameter allowed_hosts takes more names",
            )
        origin = headers.get("Origin")
        if needs_origin and origin is not None and not _is_same(origin, host):
            return Refusal(403, f"expected a request of this page, got one of {origin[:80]!r}")
        if needs_origin and headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE:
            return Refusal(403, "expected a request of this page, got one of another site")
        return None

    def admits(self, offered: Sequence[str]) -> bool:
        """Whether one of the offered tokens is right; takes as long whichever letters are wrong."""
        right = self.token.encode()
        matches = [hmac.compare_digest(it.encode(errors="replace"), right) for it in offered]
        return not right or any(matches)

    def _is_ours(self, host: str) -> bool:
        name = _name_of(host)
        if name in self.names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self.is_loopback


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """Return the name or address in a Host header, without port and brackets; empty if broken."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_same(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
