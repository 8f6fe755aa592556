"""What the server adds to the API for the dashboard: login, access, task updates, outlines."""
