from __future__ import annotations

import base64
import gzip
import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from pathlib import Path

import pytest

from csserv.errors import FetchCancelledError, FetchError
from csserv.ingest.replay.published import PublishedFile
from csserv.ingest.replay.replay_server import ReplayHandler, Trouble, serve_replay
from csserv.ingest.web.answers import ComeBackError, NotThereError
from csserv.ingest.web.asking import Web
from csserv.ingest.web.download import Downloaded, download
from csserv.ingest.web.resting import Resting

from .conftest import QUICK, Stand
from .troubles import answered, chunked, cut, dripped, heard, refused, reset, sent_to, silent


class OneFile:
    """A file of the stand-in that is downloaded."""

    def __init__(self, stand: Stand, folder: Path) -> None:
        (self.path,) = stand.publish("tamsat", "2024-01-01")
        self.replay, self.target = stand.replay, folder / "a.nc"
        self.whole = self.replay.shelf.files[self.path].content(self.replay.shelf.grid)
        self.address = self.replay.address.rstrip("/") + self.path
        self.web = Web(pace=QUICK)

    def after(self, *troubles: Trouble) -> Downloaded:
        """Download it; the first requests meet troubles."""
        self.replay.troubles[self.path] = list(troubles)
        return download(self.web, self.address, self.target)

    @property
    def asked(self) -> int:
        return sum(path == self.path for _, path in self.replay.asked)

    def check(self) -> None:
        assert self.target.read_bytes() == self.whole
        assert [one.name for one in self.target.parent.iterdir()] == ["a.nc"]


@pytest.fixture
def one(stand: Stand, tmp_path: Path) -> OneFile:
    return OneFile(stand, tmp_path / "one")


def in_a_moment() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)


@pytest.mark.parametrize(
    "trouble",
    [
        refused(503, {"Retry-After": "0"}),
        refused(503, {"Retry-After": "soon"}),
        refused(429),
        refused(500),
        refused(504),
        reset,
        cut(700),
        answered(chunked(b"\0" * 5000)[:-900], {"Transfer-Encoding": "chunked"}),
        refused(416),
        answered(b"\0part", {"Content-Range": "bytes 5-9/10"}, 206),
        answered(b"\0part", {}, 206),
    ],
)
def test_what_may_pass_is_tried_again(one: OneFile, trouble: Trouble) -> None:
    assert one.after(trouble).size == len(one.whole)
    one.check()
    assert one.asked == 2


def test_what_does_not_pass_is_told_in_the_end(one: OneFile) -> None:
    with pytest.raises(FetchError, match=r"answers 503 .* \(3 tries\)"):
        one.after(*[refused(503)] * 9)
    assert one.asked == 3


def test_a_provider_says_when_to_come_by_seconds_or_a_date(one: OneFile) -> None:
    one.after(refused(503, {"Retry-After": "1"}), refused(429, {"Retry-After": in_a_moment()}))
    one.check()


@pytest.mark.parametrize("by_date", [False, True])
def test_who_says_to_come_in_an_hour_is_left_alone_until_then(
    one: OneFile, tmp_path: Path, by_date: bool
) -> None:
    kept = tmp_path / "resting.json"
    one.web.resting = Resting(kept)
    then = datetime.now(UTC) + timedelta(hours=1)
    said = format_datetime(then, usegmt=True) if by_date else "3600"
    minutes = "|".join(f"{then + timedelta(minutes=n):%Y-%m-%d %H:%M}" for n in (-1, 0, 1))
    with pytest.raises(ComeBackError, match=f"asks to come back at ({minutes}) UTC"):
        one.after(refused(503, {"Retry-After": said}))
    again = Web(pace=QUICK, resting=Resting(kept))  # another process, a minute later
    with pytest.raises(ComeBackError, match="has asked to be left alone"):
        download(again, one.address, one.target)
    assert one.asked == 1


def test_a_ban_ends_all_at_once_and_is_kept_in_mind(stand: Stand) -> None:
    product = replace(stand.products["tamsat"], ban=4.0)
    paths = stand.publish("tamsat", "2024-01-01/2024-01-20")
    for path in paths:
        stand.replay.troubles[path] = [refused(403)] * 9
    fetching = stand.fetching("tamsat", "2024-01-01", product=product)
    done = fetching.run(fetching.plan())
    assert "has banned this network (403)" in done.failures[0].why
    assert len(done.failures) == 1
    asked = sum(path.endswith(".nc") for _, path in stand.replay.asked)
    assert asked <= product.parallel  # those that were on their way
    with pytest.raises(ComeBackError, match="has asked to be left alone; fetch again at 20"):
        stand.fetch("tamsat")


def test_the_rows_of_servers_that_ban_say_so(stand: Stand) -> None:
    for product in stand.table.values():
        assert (product.ban == 4.0) == ("chc.ucsb.edu" in product.base), product.name


def test_a_body_that_breaks_off_goes_on_where_it_was(one: OneFile) -> None:
    came = one.after(cut(700), cut(300))
    one.check()
    assert came.sha256 == hashlib.sha256(one.whole).hexdigest()
    assert one.replay.sent[one.path] == len(one.whole)  # no byte came twice


def test_what_an_earlier_process_has_is_gone_on_with(one: OneFile) -> None:
    with pytest.raises(FetchError):
        one.after(cut(700), refused(404))
    before = one.replay.sent[one.path]
    one.after()
    one.check()
    assert before > 0
    assert one.replay.sent[one.path] == len(one.whole)


@pytest.mark.parametrize("heeds", [True, False])
def test_a_file_that_changed_between_two_parts_is_begun_anew(one: OneFile, heeds: bool) -> None:
    """Also where the server sends the part, though it is one of another version."""
    old = answered(b"\0" * 500, {"ETag": '"old"'}, announced=len(one.whole))
    part = {"ETag": '"new"', "Content-Range": f"bytes 500-{len(one.whole) - 1}/{len(one.whole)}"}
    mixed = answered(one.whole[500:], part, 206)
    one.after(old, *([] if heeds else [mixed]))
    one.check()


def test_a_server_that_knows_no_parts_sends_the_whole_again(one: OneFile) -> None:
    begin = answered(one.whole[:500], {"ETag": '"a"'}, announced=len(one.whole))
    one.after(begin, answered(one.whole, {"ETag": '"a"'}))
    one.check()


def test_a_part_shorter_than_was_asked_for_is_no_end(one: OneFile) -> None:
    length = len(one.whole)
    begin = answered(one.whole[:500], {"ETag": '"a"'}, announced=length)
    short = {"ETag": '"a"', "Content-Range": f"bytes 500-599/{length}"}
    rest = {"ETag": '"a"', "Content-Range": f"bytes 600-{length - 1}/{length}"}
    one.after(begin, answered(one.whole[500:600], short, 206), answered(one.whole[600:], rest, 206))
    one.check()


def test_a_body_without_a_length_is_taken(one: OneFile) -> None:
    one.after(answered(chunked(one.whole), {"Transfer-Encoding": "chunked"}))
    one.check()


def test_what_is_packed_on_the_way_is_unpacked_and_begun_anew_if_it_breaks(one: OneFile) -> None:
    packed, headers = gzip.compress(one.whole), {"Content-Encoding": "gzip", "ETag": '"a"'}
    asked: list[Message] = []
    broken = answered(packed[:900], headers, announced=len(packed))
    one.after(broken, heard(asked), answered(packed, headers))
    one.check()
    assert "Range" not in asked[0]


def test_what_is_not_packed_as_it_says_is_refused(one: OneFile) -> None:
    with pytest.raises(FetchError, match="not packed as it says"):
        one.after(answered(one.whole, {"Content-Encoding": "gzip"}))


def test_a_download_that_drips_is_begun_again(one: OneFile) -> None:
    pace = replace(QUICK, slowest=2e4, window=0.2)
    one.web = Web(pace=pace)
    one.after(dripped(0.1))
    one.check()
    assert one.replay.sent[one.path] < 2 * len(one.whole)


def test_silence_ends(one: OneFile) -> None:
    over = threading.Event()
    one.web = Web(pace=replace(QUICK, timeout=(1.0, 0.3), tries=2))
    try:
        with pytest.raises(FetchError, match="no answer in time"):
            one.after(silent(over), silent(over))
    finally:
        over.set()


def test_a_stop_is_heard_while_it_drips(one: OneFile) -> None:
    one.replay.troubles[one.path] = [dripped(0.2)]
    with pytest.raises(FetchCancelledError):
        download(one.web, one.address, one.target, lambda _: one.web.stop.set())
    part = one.target.with_name("a.nc.part")
    assert 0 < part.stat().st_size < len(one.whole)


def test_an_endless_redirect_ends(one: OneFile) -> None:
    with pytest.raises(FetchError, match="from address to address without end"):
        one.after(*[sent_to(one.path)] * 99)


@pytest.mark.parametrize("where", ["ftp://other/a", "file:///etc/passwd", "http://["])
def test_a_redirect_to_nowhere_is_told(one: OneFile, where: str) -> None:
    with pytest.raises(FetchError, match=one.address):
        one.after(sent_to(where))


PAGE = b"<!DOCTYPE html><html><title>Log in</title><form></form></html>"


@pytest.mark.parametrize(
    "trouble",
    [
        answered(PAGE, {"Content-Type": "text/html; charset=utf-8"}),
        answered(PAGE, {"Content-Type": "image/tiff"}),
        answered(b"\xef\xbb\xbf\n " + PAGE),
        answered(b"<!-- served by a cache -->" + PAGE),
        refused(200),
    ],
)
def test_a_page_is_no_data(one: OneFile, trouble: Trouble) -> None:
    with pytest.raises(FetchError, match="gives a web page in place of data: a login, a proxy"):
        one.after(trouble)
    assert not one.target.exists()


def test_a_redirect_to_the_page_of_a_login_says_how_to_get_one(one: OneFile) -> None:
    with serve_replay() as other:
        login = f"{other.address}oauth/authorize"
        other.troubles["/oauth/authorize"] = [refused(200)]
        one.web = Web(pace=QUICK, login="make an account", sent_to_login=True)
        with pytest.raises(FetchError, match=r"oauth/authorize\) in place of data: make an"):
            one.after(sent_to(login))


def test_a_page_of_the_machine_itself_means_not_yet_where_logins_are_elsewhere(
    one: OneFile,
) -> None:
    one.web = Web(pace=QUICK, login="make an account", sent_to_login=True)
    with pytest.raises(NotThereError, match="not there yet"):
        one.after(refused(200))


@pytest.mark.parametrize("kind", ["empty", "empty in parts"])
def test_an_empty_file_is_none(one: OneFile, kind: str) -> None:
    parts = {"Transfer-Encoding": "chunked"}
    trouble = answered(b"") if kind == "empty" else answered(chunked(b""), parts)
    with pytest.raises(FetchError, match="is empty"):
        one.after(trouble)
    one.after()
    one.check()


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


SUMS: list[Callable[[bytes], dict[str, str]]] = [
    lambda content: {"Content-MD5": md5(content)},
    lambda content: {"Digest": f"MD5=unusable, SHA-256={sha256(content)}"},
    lambda content: {"Repr-Digest": f"sha-256=:{sha256(content)}:"},
]


@pytest.mark.parametrize("checksum", SUMS)
def test_a_checksum_that_is_published_is_compared(
    one: OneFile, checksum: Callable[[bytes], dict[str, str]]
) -> None:
    wrong = bytes([one.whole[0] ^ 1]) + one.whole[1:]
    one.after(answered(wrong, checksum(one.whole)), answered(one.whole, checksum(one.whole)))
    one.check()
    with pytest.raises(FetchError, match="another checksum"):
        one.after(*[answered(wrong, checksum(one.whole))] * 3)


@pytest.mark.parametrize("secret", ["Authorization", "PRIVATE-TOKEN"])
def test_a_token_goes_to_its_machine_and_to_no_other(one: OneFile, secret: str) -> None:
    at_home: list[Message] = []
    elsewhere: list[Message] = []
    with serve_replay() as other:
        asset = f"{other.address}asset.nc"
        home = (one.replay.address.rstrip("/"),)
        one.web = Web(pace=QUICK, headers={secret: "word"}, machines=home)
        answer = answered(b"\0" * 100)

        def listen(handler: object, file: object) -> bool:
            elsewhere.append(handler.headers)  # type: ignore[attr-defined]
            return answer(handler, None)  # type: ignore[arg-type]

        other.troubles["/asset.nc"] = [listen, listen]

        def send(handler: object, file: object) -> bool:
            at_home.append(handler.headers)  # type: ignore[attr-defined]
            return sent_to(asset)(handler, None)  # type: ignore[arg-type]

        one.after(send)
        download(one.web, asset, one.target)
    assert [one[secret] for one in at_home] == ["word"]
    assert [one[secret] for one in elsewhere] == [None, None]


def test_a_login_of_netrc_is_used_where_it_is_asked_for(
    one: OneFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    netrc.chmod(0o600)

    def guarded(handler: object, file: object) -> bool:
        right = "Basic " + base64.b64encode(b"me:word").decode()
        if handler.headers.get("Authorization") == right:  # type: ignore[attr-defined]
            return False
        return refused(401, {"WWW-Authenticate": "Basic"})(handler, None)  # type: ignore[arg-type]

    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    one.web = Web(pace=QUICK, login="make an account")
    with pytest.raises(FetchError, match=r"asks for a login \(401 of .*\); make an account"):
        one.after(guarded)
    monkeypatch.setenv("NETRC", str(netrc))
    one.after(guarded)
    one.check()


def test_a_refusal_says_what_the_provider_says(one: OneFile) -> None:
    body = b'{"title": "permission denied", "detail": "licence\\n not accepted"}'
    with pytest.raises(FetchError, match=r"refuses access \(403 of .*\): licence not accepted"):
        one.after(answered(body, {"Content-Type": "application/problem+json"}, 403))


def test_an_answer_that_is_none_is_refused(one: OneFile) -> None:
    with pytest.raises(FetchError, match=r"\(304 of"):
        one.after(answered(b"", code=304))


def test_a_login_on_another_machine_is_gone_through_and_back(
    one: OneFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of NASA's Earthdata: a name and password there, a cookie here."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    right = "Basic " + base64.b64encode(b"me:word").decode()
    said: list[str | None] = []

    def data(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        said.append(handler.headers["Authorization"])
        if "seen=1" in handler.headers.get("Cookie", ""):
            return False
        return sent_to(login)(handler, file)

    def urs(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        if handler.headers["Authorization"] != right:
            return refused(200)(handler, file)
        return sent_to(f"{one.replay.address}back")(handler, file)

    def back(handler: ReplayHandler, file: PublishedFile | None) -> bool:
        said.append(handler.headers["Authorization"])
        cookie = {"Set-Cookie": "seen=1; Path=/", "Location": one.path}
        return refused(302, cookie)(handler, file)

    with serve_replay() as other:
        login = other.address.replace("127.0.0.1", "localhost") + "oauth/authorize"
        other.troubles["/oauth/authorize"] = [urs]
        one.replay.troubles["/back"] = [back]
        one.after(data, data)
    one.check()
    assert said == [None, None, None]
