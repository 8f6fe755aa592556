"""How long callers may take: a connection that is idle or drips keeps memory and a socket."""

from __future__ import annotations

#: of tornado's server: until the next request, headers included, and until the end of a body [s];
#: 64 MB in ten minutes are 0.9 Mb/s
TIME_LIMITS = {"idle_connection_timeout": 75.0, "body_timeout": 600.0}
