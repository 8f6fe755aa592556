"""What several results answer together over HTTP: how a season may end, an index of two datasets.

Nothing waits for a task here: an outlook is asked for, and read once its tasks have ended.
"""

from __future__ import annotations

from urllib.parse import urlencode

from csserv.errors import InvalidRequestError
from csserv.http.native import together_models as models
from csserv.http.native.actions import area_of
from csserv.http.native.endpoint import BASE, Call, Reply
from csserv.outlooks.ask_season import SeasonQuestion, queue_season
from csserv.outlooks.index_of_results import check_number, index_of_results
from csserv.outlooks.season_of_results import season_of_results
from csserv.request import Period
from csserv.request.reference import DEFAULT, STANDARD, read_reference


def ask_outlook(call: Call) -> Reply:
    """Queue the tasks of an outlook."""
    given: models.OutlookModel = call.body
    question = SeasonQuestion(
        given.dataset,
        area_of(call.service, given.area),
        given.season,
        given.against,
        given.forecast,
        given.select,
        given.operation,
    )
    sender = {"client": call.caller.name, "request_id": call.request_id}
    asked = queue_season(call.service, question, **sender)
    task, *ahead = asked.tasks
    query = {"task": task.id, "season": str(asked.season), "against": asked.reference}
    query |= {"forecast": ahead[0].id} if ahead else {}
    here = f"{BASE}/outlook?{urlencode(query)}"
    links = {"self": here, "tasks": [f"{BASE}/tasks/{one.id}" for one in asked.tasks]}
    return Reply({"tasks": [one.id for one in asked.tasks], "links": links}, here)


def show_outlook(call: Call) -> Reply:
    """Answer an outlook whose tasks have ended."""
    query: models.OutlookQuery = call.query
    reference = read_reference(query.against)
    if reference in ("", DEFAULT):
        raise InvalidRequestError(
            f"against is {query.against!r}; allowed are first and last year, such as {STANDARD}: "
            "the address that POST /outlook gives has them"
        )
    tasks = [query.task, *([query.forecast] if query.forecast else [])]
    results = [call.service.result(task, wait=False) for task in tasks]
    found = season_of_results(results, Period.parse(query.season), reference)
    return Reply(found.to_dict() | {"words": str(found).splitlines()})


def index_of(call: Call) -> Reply:
    """Compute an index of the results of several tasks."""
    given: models.IndexOfModel = call.body
    results = {
        kind: call.service.result(task, wait=False)
        for kind, task in given.of.model_dump(exclude_none=True).items()
    }
    check_number(results.values())
    found = index_of_results(
        results, given.index, given.accumulate, given.against, **given.index_options
    )
    return Reply(found.json)
