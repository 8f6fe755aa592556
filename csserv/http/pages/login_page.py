"""The HTML of the pages to log in and out, which load nothing, in light and dark."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from csserv.language import current_language, tr

STYLE = """
:root{color-scheme:light dark;--page:#f2f5f7;--paper:#fff;--ink:#1d2733;--soft:#4d5b66;
--line:#7c8994;--main:#0b6388;--on:#fff;--bad:#b3261e;--badly:#fdecea}
@media (prefers-color-scheme:dark){:root{--page:#0f1720;--paper:#17212b;--ink:#e4eaf0;
--soft:#b4c0ca;--line:#66788a;--main:#4fb3d9;--on:#08202c;--bad:#f7b4ae;--badly:#3a1d1c}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--page);
color:var(--ink);font:16px/1.5 Roboto,system-ui,sans-serif}
header{padding:14px 20px;color:#fff;font-weight:600;font-size:1.15rem;
background:linear-gradient(90deg,#0b4f71,#0b6388 60%,#0e7695)}
main{width:100%;max-width:26rem;margin:8vh auto auto;padding:16px}
.card{background:var(--paper);border-radius:8px;padding:24px;
box-shadow:0 1px 3px rgba(0,0,0,.25)}
h1{margin:0 0 4px;font-size:1.35rem}p{margin:0 0 16px;color:var(--soft)}
label{display:block;margin:14px 0 4px;font-weight:500}
input{width:100%;padding:11px 12px;font:inherit;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:6px}
button,a.button{display:block;width:100%;margin-top:22px;padding:11px;font:inherit;
font-weight:600;text-align:center;text-decoration:none;color:var(--on);background:var(--main);
border:0;border-radius:6px;cursor:pointer}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.bad{margin:12px 0 0;padding:10px 12px;border-radius:6px;color:var(--bad);
background:var(--badly)}
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # without it, the form would be sent without saying from where
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


def form(error: str, name: str, next_page: str) -> str:
    """Return the page with the form for name and password.

    Parameters
    ----------
    error : what was wrong at the last try; empty at the first
    name : the name given at the last try
    next_page : address to go to after the login
    """
    alert = f'<p class="bad" role="alert">{escape(error)}</p>' if error else ""
    where = "password" if name else "name"
    focus = {one: " autofocus" if one == where else "" for one in ("name", "password")}
    words = {
        name: escape(text)
        for name, text in {
            "title": tr("Log in"),
            "about": tr("Ask archives of gridded climate data on a map."),
            "name": tr("Name"),
            "password": tr("Password"),
        }.items()
    }
    return _page(
        tr("Log in"),
        f"<h1>{words['title']}</h1><p>{words['about']}</p>{alert}"
        '<form method="post" action="sign-in">'
        f'<input type="hidden" name="next" value="{escape(next_page)}">'
        f'<label for="name">{words["name"]}</label>'
        '<input id="name" name="name" required maxlength="100" '
        f'autocomplete="username" autocapitalize="none" value="{escape(name)}"{focus["name"]}>'
        f'<label for="password">{words["password"]}</label>'
        '<input id="password" name="password" '
        'type="password" required maxlength="1000" autocomplete="current-password"'
        f"{focus['password']}>"
        f'<button type="submit">{words["title"]}</button></form>',
    )


def log_out_form() -> str:
    """Return the page with the button to log out."""
    title = escape(tr("Log out"))
    said = escape(tr("Your login ends, also in copies of this page that are open elsewhere."))
    return _page(
        tr("Log out"),
        f'<h1>{title}</h1><p>{said}</p><form method="post" action="sign-out">'
        f'<button type="submit" autofocus>{title}</button></form>',
    )


def notice(title: str, text: str, link: tuple[str, str] | None = None) -> str:
    """Return a page with a text, and a button if there is a link: its label and address."""
    button = f'<a class="button" href="{escape(link[1])}">{escape(link[0])}</a>' if link else ""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{button}")


def _page(title: str, body: str) -> str:
    language = current_language()
    # Python's own words are English, and a page in it stays as it was
    side = ' dir="rtl"' if language.direction == "rtl" else ""
    return (
        f'<!DOCTYPE html><html lang="{language.code}"{side}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · csserv</title><style>{STYLE}</style></head>"
        f'<body><header>csserv</header><main><div class="card">{body}</div></main></body></html>'
    )
