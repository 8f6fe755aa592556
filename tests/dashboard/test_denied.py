"""Who may see nothing is told why, in their own language and colours, and where to go."""

from __future__ import annotations

import panel as pn
import pytest

from csserv.language import Language, speaking
from csserv.views.parts.colour_scheme import ColourScheme
from dashboard.denied import denied_page


@pytest.mark.parametrize(
    ("login", "links"),
    [("none", []), ("basic", ["sign-in"]), ("oauth", ["login", "sign-out"])],
)
def test_links_are_those_of_the_login(login: str, links: list[str]):
    with speaking(Language.of("fr")):
        page = denied_page(login, "there is no role here for <b>x</b>", ColourScheme(dark=True))
    assert page.dark_theme
    panes = page.main[0].select(pn.pane.HTML)
    shown = "".join(one.object for one in panes)
    assert [part.partition('"')[0] for part in shown.split('href="')[1:]] == links
    said = page.main[0][0].object
    if login == "none":
        assert said.startswith("Ce serveur ne montre rien")
    else:
        assert said == "There is no role here for &lt;b&gt;x&lt;/b&gt;."
        assert ("Se déconnecter" in shown) is (login == "oauth")
