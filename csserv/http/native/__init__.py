"""The native HTTP API, ``/api/v1/``: endpoints, data models, streams and OpenAPI document."""
