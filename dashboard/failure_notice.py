"""What a visitor is told when a page fails at something that the visitor did."""

from __future__ import annotations

import logging
import weakref

import panel as pn

from csserv.errors import CsservError
from csserv.language import mark, tr
from csserv.settings import Settings
from csserv.views.parts.html_parts import Notice

#: said of what nobody foresaw
FAILED = mark(
    "Something on this page failed; the log of the server says what. Tasks that were submitted go "
    "on. Load the page again; if that does not help, tell the keeper of the server."
)

logger = logging.getLogger(__name__)


class FailureNotice(Notice):
    """A message about what has failed in a session; Panel would tell the log alone.

    It hears of each error that a callback of the current document raises.

    Parameters
    ----------
    client : name of the visitor, for the log
    settings : of the server, whose folders no visitor needs to know
    """

    def __init__(self, client: str, settings: Settings) -> None:
        super().__init__("error", "")
        self._client, self._settings = client, settings
        # weakly, as Panel keeps the handler of a document for as long as there is the handler
        mine = weakref.ref(self)

        def tell(error: Exception) -> None:
            if notice := mine():
                notice.tell(error)

        pn.config.exception_handler = tell

    def tell(self, error: Exception) -> None:
        """Say what failed: an error of ours in its words; others go to the log as a whole."""
        if isinstance(error, CsservError):
            self.say("error", self._settings.without_paths(str(error)))
            return
        logger.error("a page failed for %s", self._client, exc_info=error)
        self.say("error", tr(FAILED))

    def clear(self) -> None:
        """Say nothing any more."""
        self.say("error", "")
