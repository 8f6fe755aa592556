"""Views of requests: the form, its preview, the request as code, and cards of datasets."""
