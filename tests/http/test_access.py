"""Who may ask over HTTP: by token, by the cookie of a login, or with neither."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from csserv import RemoteService
from csserv.access import Role, Users, users
from csserv.errors import AccessDeniedError
from csserv.opening import connect
from tests.http.climateserv.legacy import call
from tests.http.conftest import BOX, Server, start
from tests.processes import CSSERV

pytestmark = pytest.mark.slow

ASKED = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-01"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passwords be hashed at once; the server checks each at what its hash has cost."""
    monkeypatch.setattr(users, "COST", {"n": 2**10, "r": 8, "p": 1})


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants tokens or a login, and lets those without either look."""
    folder = tmp_path_factory.mktemp("guarded")
    yield from start(
        folder,
        access="tokens",
        anonymous="reader",
        login="basic",
        max_open_tasks=3,
        requests_per_second=25,
        small_request=0,
        store_max=0,
    )


def token(server: Server, *words: str) -> str:
    done = subprocess.run(
        [*CSSERV, "tokens", *words],
        env=server.processes.variables,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout.split()[-1] if done.stdout.split() else ""


@pytest.fixture(scope="module")
def tokens(guarded: Server) -> dict[str, dict[str, str]]:
    """Headers of an admin and of two submitters."""
    roles = {"root": "admin", "anna": "submitter", "ben": "submitter"}
    made = {name: token(guarded, "add", name, "--role", role) for name, role in roles.items()}
    return {name: {"Authorization": f"Bearer {secret}"} for name, secret in made.items()}


def submit(server: Server, headers: dict[str, str], **changes: Any) -> Any:
    return server.ask("POST", "/tasks", json=ASKED | changes, headers=headers)


def test_without_a_token_one_may_look_but_not_submit(guarded: Server) -> None:
    assert guarded.ask("GET", "/datasets").status_code == 200
    assert guarded.ask("POST", "/estimate", json=ASKED).status_code == 200
    refused = guarded.ask("POST", "/tasks", json=ASKED)
    assert refused.status_code == 403
    assert "submitter" in refused.json()["detail"]


def test_the_same_holds_for_programs_of_climateserv(guarded: Server) -> None:
    asked = {"datatype": 0, "operationtype": 5, "begintime": "01/01/2019", "endtime": "01/02/2019"}
    refused = call(guarded, "submitDataRequest", layerid="country", featureids="KEN", **asked)
    assert refused.status_code == 403
    assert "submitter" in refused.json()[0]
    assert call(guarded, "getParameterTypes").status_code == 200
    assert call(guarded, "scriptAccess", t="", cmd="submitDataRequest").status_code == 403


def test_pages_of_all_sites_read_what_anybody_may(guarded: Server) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    url = f"{guarded.url}/api/getFeatureLayers/"
    read = requests.get(url, headers=headers, timeout=60)
    assert (read.status_code, read.headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_wrong_tokens_are_refused_and_neither_slow_nor_stop_a_right_one(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    wrong = {"Authorization": "Bearer wrong"}

    def guess(_: int) -> requests.Response:
        return guarded.ask("GET", "/datasets", headers=wrong)

    assert guess(0).headers["WWW-Authenticate"] == "Bearer"
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(guess, range(300))
        for _ in range(3):  # from the same address, at the same time
            assert guarded.ask("GET", "/datasets", headers=tokens["anna"]).status_code == 200
    assert {answer.status_code for answer in answers} == {401, 429}
    time.sleep(1.5)  # until one may ask again


def test_the_page_of_a_result_is_for_whoever_may_read_the_result(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    task = submit(guarded, tokens["anna"]).json()["id"]
    page = f"{guarded.url}/r/{task}"
    assert requests.get(page, timeout=60).status_code == 200  # visitors may look here
    assert requests.get(page, headers=tokens["ben"], timeout=60).status_code == 200
    wrong = requests.get(page, headers={"Authorization": "Bearer no"}, timeout=60)
    assert wrong.status_code == 401
    assert task not in wrong.text


def test_priority_is_an_admins(guarded: Server, tokens: dict[str, dict[str, str]]) -> None:
    refused = submit(guarded, tokens["anna"], priority=1)
    assert (refused.status_code, "admin" in refused.json()["detail"]) == (403, True)
    for name, priority in (("anna", -1), ("root", 1)):
        made = submit(guarded, tokens[name], priority=priority)
        assert (made.status_code, made.json()["priority"]) == (202, priority)
        path = f"/tasks/{made.json()['id']}?action=either"
        guarded.ask("DELETE", path, headers=tokens["root"])


def test_a_task_belongs_to_the_token_that_submitted_it(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    task = submit(guarded, tokens["anna"]).json()
    assert task["client"] == "anna"
    path = f"/tasks/{task['id']}"
    assert guarded.ask("DELETE", path, headers=tokens["ben"]).status_code == 403
    listed = guarded.ask("GET", "/tasks", headers=tokens["ben"]).json()["tasks"]
    assert task["id"] not in [one["id"] for one in listed]
    assert guarded.ask("GET", "/tasks?client=anna", headers=tokens["ben"]).status_code == 403
    listed = guarded.ask("GET", "/tasks", headers=tokens["root"]).json()["tasks"]
    assert task["id"] in [one["id"] for one in listed]
    assert guarded.ask("DELETE", path, headers=tokens["root"]).status_code == 200


def test_only_an_admin_submits_for_others_and_stops_workers(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    assert submit(guarded, tokens["ben"], client="anna").status_code == 403
    assert submit(guarded, tokens["root"], client="anna").json()["client"] == "anna"
    (worker, *_) = guarded.ask("GET", "/workers", headers=tokens["ben"]).json()
    path = f"/workers/{worker['uuid']}"
    assert guarded.ask("DELETE", path, headers=tokens["ben"]).status_code == 403
    assert guarded.ask("DELETE", path, headers=tokens["root"]).status_code == 200


def test_a_client_may_have_so_many_open_tasks(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    slow = {"dataset": "long", "operation": "median", "area": "Kenya", "period": "2019/2026"}
    workers = guarded.processes.workers("serve")
    assert workers
    for worker in workers:  # so that none ends, however quick they are
        worker.suspend()
    try:
        answers = [submit(guarded, tokens["ben"], **slow) for _ in range(5)]
    finally:
        for worker in workers:
            worker.resume()
    assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
    assert "3" in answers[-1].json()["detail"]
    for answer in answers[:3]:
        guarded.ask("DELETE", f"/tasks/{answer.json()['id']}", headers=tokens["root"])


def sign_in(server: Server, name: str, password: str, **headers: str) -> requests.Response:
    return requests.post(
        f"{server.url}/sign-in",
        data={"name": name, "password": password, "next": "//elsewhere.example/"},
        headers=headers,
        allow_redirects=False,
        timeout=60,
    )


def test_a_login_lets_one_look_at_ones_own_and_change_nothing(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    accounts = Users(guarded.settings.home)
    accounts.add("anna", Role.ADMIN, "right-password")
    foreign = sign_in(guarded, "anna", "right-password", Origin="https://elsewhere.example")
    assert (foreign.status_code, foreign.cookies.get_dict()) == (403, {})
    done = sign_in(guarded, "anna", "right-password")
    assert (done.status_code, done.headers["Location"]) == (303, "./")
    assert "HttpOnly" in done.headers["Set-Cookie"]
    assert "SameSite=Lax" in done.headers["Set-Cookie"]
    cookies = done.cookies.get_dict()
    task = submit(guarded, tokens["anna"]).json()
    listed = guarded.ask("GET", "/tasks", cookies=cookies).json()["tasks"]
    assert {one["client"] for one in listed} == {"anna"}
    assert guarded.ask("POST", "/tasks", json=ASKED, cookies=cookies).status_code == 403
    path = f"/tasks/{task['id']}"
    assert guarded.ask("DELETE", path, cookies=cookies).status_code == 403
    legacy = {"datatype": 0, "operationtype": 5, "begintime": "01/01/2019", "endtime": "01/02/2019"}
    refused = call(guarded, "submitDataRequest", layerid="country", featureids="KEN", **legacy)
    assert refused.status_code == 403  # its GET submits, so the cookie must not do
    forged = {name: value.replace("|", ":") for name, value in cookies.items()}
    for changed in (lambda: accounts.set_password("anna", "another-password"), lambda: None):
        asked = guarded.ask("GET", "/tasks", cookies=forged)
        assert task["id"] not in [one["id"] for one in asked.json()["tasks"]]
        changed()
        forged = cookies
    assert guarded.ask("DELETE", path, headers=tokens["anna"]).status_code == 200


def test_own_logins_do_not_hide_guesses_at_anothers_password(guarded: Server) -> None:
    accounts = Users(guarded.settings.home)
    accounts.add("guesser", Role.READER, "right-password")
    accounts.add("victim", Role.READER, "another-password")
    known = sign_in(guarded, "victim", "another-password").cookies.get_dict()
    guesses = []
    while not guesses or guesses[-1].status_code == 200:
        guesses.append(sign_in(guarded, "victim", f"guess-{len(guesses)}"))
        assert sign_in(guarded, "guesser", "right-password").status_code == 303
    assert len(guesses) > 1
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["Retry-After"]) >= 1
    cookies = "; ".join(f"{name}={value}" for name, value in known.items() if "device" in name)
    again = sign_in(guarded, "victim", "another-password", Cookie=cookies)
    assert again.status_code == 303  # in a browser of the victim's own


def test_logging_out_ends_the_login_wherever_its_cookie_is(guarded: Server) -> None:
    Users(guarded.settings.home).add("leaver", Role.SUBMITTER, "right-password")
    cookies = sign_in(guarded, "leaver", "right-password").cookies.get_dict()

    def sign_out(method: str, **headers: str) -> requests.Response:
        url = f"{guarded.url}/sign-out"
        return requests.request(method, url, cookies=cookies, headers=headers, timeout=60)

    def who() -> str:
        asked = guarded.ask("GET", "/tasks?client=leaver", cookies=cookies)
        return "leaver" if asked.status_code == 200 else "somebody"

    assert "<form" in sign_out("GET").text
    assert sign_out("POST", Origin="https://elsewhere.example").status_code == 403
    assert who() == "leaver"
    assert "You have logged out" in sign_out("POST").text
    assert who() == "somebody"


def test_wrong_passwords_are_told_alike_and_slowed(guarded: Server) -> None:
    Users(guarded.settings.home).add("carl", Role.READER, "right-password")
    Users(guarded.settings.home).add("oona", Role.READER, None)
    for name in ("carl", "nobody", "oona"):
        answer = sign_in(guarded, name, "wrong-password")
        assert "Name or password is wrong." in answer.text
        assert answer.cookies.get_dict() == {}
    waits = [sign_in(guarded, "carl", "right-password") for _ in range(3)]
    assert {answer.status_code for answer in waits} <= {303, 429}
    assert sign_in(guarded, "<b>", "x" * 5000).status_code in (200, 429)
    assert "<b>" not in sign_in(guarded, "<b>", "x").text


def test_a_revoked_token_stops_working_at_once(guarded: Server) -> None:
    secret = token(guarded, "add", "eve", "--role", "submitter")
    with connect(guarded.url, token=secret) as service:
        assert isinstance(service, RemoteService)
        assert service.tasks() == []
        token(guarded, "revoke", "eve")
        with pytest.raises(AccessDeniedError, match="not valid"):
            service.tasks()


def test_who_asks_too_often_is_told_when_to_come_again(guarded: Server) -> None:
    answers = (guarded.ask("GET", "/layers") for _ in range(300))
    refused = next((answer for answer in answers if answer.status_code != 200), None)
    assert refused is not None, "this machine does not ask 25 times a second"
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert "CSSERV_REQUESTS_PER_SECOND" in refused.json()["detail"]


def test_metrics_are_for_admins_and_health_for_anybody(
    guarded: Server, tokens: dict[str, dict[str, str]]
) -> None:
    def status(path: str, headers: dict[str, str]) -> int:
        while True:
            answer = requests.get(f"{guarded.url}{path}", headers=headers, timeout=60)
            if answer.status_code != 429:  # earlier tests asked as often as they may
                return answer.status_code
            time.sleep(1)

    assert status("/metrics", {}) == 403
    assert status("/metrics", {"Authorization": "Bearer wrong"}) == 401
    assert status("/metrics", tokens["anna"]) == 403
    assert status("/metrics", tokens["root"]) == 200
    assert status("/health/live", {}) == 200
    assert status("/health/ready", {}) in (200, 503)


def test_a_refused_login_is_logged_without_what_was_typed(guarded: Server) -> None:
    sign_in(guarded, "typed-into-the-wrong-field", "a wrong password")
    said = guarded.processes.said("serve")
    assert "sign-in refused reason=" in said
    assert "typed-into" not in said
    assert "a wrong password" not in said
