"""What the document of the API describes is sent to a server, and answered as it says.

``test_fuzz`` runs it: to make its cases takes seconds, which each collection of all tests would.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings

from csserv.http.native.openapi import document

#: variable that says where the server is
ADDRESS = "TEST_API"

#: a schema cannot say which areas and periods there are data of: that is told with 422
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", 401, 403, 404, 409, 410, 413, 422, 503]
            }
        }
    }
)

few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)

schema = schemathesis.openapi.from_dict(document(), config=CONFIG)


@schema.parametrize()
@few
def test_what_the_document_describes_is_what_is_answered(case: Any) -> None:
    answer = case.call(base_url=os.environ[ADDRESS], timeout=30)
    case.validate_response(answer)
