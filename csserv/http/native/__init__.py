"""The native API, ``/api/v1/``: endpoints, what they take and give, and its OpenAPI."""
